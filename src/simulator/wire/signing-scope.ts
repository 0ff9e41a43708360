import { ServiceError } from '../service-error.ts'

/** Who asks which service where, as the signature says. The signature itself is not checked: any secret will do. */
export interface SigningScope {
  readonly accessKeyId: string
  readonly region: string
  /** The signing name: `eks`, `autoscaling`, `ec2`, `iam`, `sts`, … */
  readonly service: string
}

/**
 * Reads the SigV4 credential scope (`AKID/date/region/service/aws4_request`) from the Authorization header or a presigned query.
 *
 * @throws ServiceError `MissingAuthenticationToken` without one, `IncompleteSignature` when it cannot be read.
 */
export function signingScope(headers: Readonly<Record<string, unknown>>, query: URLSearchParams): SigningScope {
  const header = headers['authorization']
  const credential = typeof header === 'string' ? /^AWS4-\S+ .*?Credential=([^,\s]+)/.exec(header)?.[1] : query.get('X-Amz-Credential')
  if (credential === undefined || credential === null) {
    if (typeof header === 'string') throw new ServiceError('IncompleteSignature', 400, 'Authorization header requires a Signature Version 4 credential scope')
    throw new ServiceError('MissingAuthenticationToken', 403, 'Missing Authentication Token')
  }
  const [accessKeyId, date, region, service, end] = credential.split('/')
  if (!accessKeyId || !date || !region || !service || end !== 'aws4_request') {
    throw new ServiceError('IncompleteSignature', 400, `Credential must have 5 parts ending in aws4_request: ${credential}`)
  }
  return { accessKeyId, region, service }
}
