import { createHash, createHmac } from 'node:crypto'
import { ServiceError } from '../service-error.ts'
import type { WireRequest } from './protocol.ts'

interface Keys {
  /** Real time: whoever signs uses its own clock. */
  readonly now: Date
  /** Absent for keys of which any secret will do. */
  readonly secretOf: (accessKeyId: string) => { readonly secret: string; readonly token: string } | undefined
}

/** How long STS takes a presigned request, whatever `X-Amz-Expires` says (aws-iam-authenticator, pkg/token: "valid for 15 minutes after x-amz-date"). */
const validMs = 15 * 60_000

/**
 * What is wrong with a request whose signature stands in the query (SigV4, "Authenticating Requests: Using Query Parameters"); `undefined` where nothing
 * is, and for requests that sign in a header. The signature itself is checked where the secret is known: in sessions of AssumeRole.
 */
export function presignedFault(request: WireRequest, { now, secretOf }: Keys): ServiceError | undefined {
  const { query } = request
  const signature = query.get('X-Amz-Signature')
  if (signature === null) return undefined
  const [accessKeyId = '', ...scope] = (query.get('X-Amz-Credential') ?? '').split('/')
  const date = query.get('X-Amz-Date') ?? ''
  const signedHeaders = (query.get('X-Amz-SignedHeaders') ?? '').split(';')
  if (query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256' || !signedHeaders.includes('host'))
    return new ServiceError('IncompleteSignature', 400, 'a presigned request needs X-Amz-Algorithm AWS4-HMAC-SHA256 and a signed host header')
  const signedAt = timeOf(date)
  if (signedAt === undefined || scope[0] !== date.slice(0, 8))
    return new ServiceError('IncompleteSignature', 400, `X-Amz-Date ${date} does not fit the credential`)
  const ageMs = now.getTime() - signedAt
  if (ageMs > validMs || ageMs < -5 * 60_000) return new ServiceError('SignatureDoesNotMatch', 403, `Signature expired: ${date} is not current`)
  const keys = secretOf(accessKeyId)
  if (keys === undefined) return undefined
  if (query.get('X-Amz-Security-Token') !== keys.token)
    return new ServiceError('InvalidClientTokenId', 403, 'The security token included in the request is invalid')
  const wanted = sign(canonical(request, signedHeaders), { date, scope, secret: keys.secret })
  return signature === wanted
    ? undefined
    : new ServiceError('SignatureDoesNotMatch', 403, 'The request signature we calculated does not match the signature you provided.')
}

/** `20261121T060000Z` */
function timeOf(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (parts === null) return undefined
  const [year = 0, month = 0, day = 0, hour, minute, second] = parts.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function canonical({ method, path, query, headers, body }: WireRequest, signedHeaders: readonly string[]): string {
  const pairs = [...query].filter(([name]) => name !== 'X-Amz-Signature').map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
  const lines = signedHeaders.map((name) => `${name}:${valueOf(headers[name])}\n`)
  return [method, path, pairs.toSorted().join('&'), lines.join(''), signedHeaders.join(';'), sha256(body)].join('\n')
}

function sign(request: string, { date, scope, secret }: { readonly date: string; readonly scope: readonly string[]; readonly secret: string }): string {
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(request)].join('\n')
  let key: string | Buffer = `AWS4${secret}`
  for (const part of scope) key = createHmac('sha256', key).update(part).digest()
  return createHmac('sha256', key).update(text).digest('hex')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** RFC 3986: what `encodeURIComponent` leaves is encoded too. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

function valueOf(header: unknown): string {
  return typeof header === 'string' ? header.trim().replaceAll(/\s+/g, ' ') : ''
}
