import { describe, expect, it } from 'vitest'
import { signingScope } from './signing-scope.ts'

const scope = { accessKeyId: '111122223333', region: 'us-west-2', service: 'eks' }

describe('signingScope', () => {
  it('reads the header', () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=111122223333/20261121/us-west-2/eks/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc'
    expect(signingScope({ authorization }, new URLSearchParams())).toEqual(scope)
  })

  it('reads a presigned query', () => {
    const query = new URLSearchParams({ 'X-Amz-Credential': '111122223333/20261121/us-west-2/eks/aws4_request' })
    expect(signingScope({}, query)).toEqual(scope)
  })

  it.each([
    { what: 'nothing', headers: {}, code: 'MissingAuthenticationToken' },
    { what: 'a bearer token', headers: { authorization: 'Bearer x' }, code: 'IncompleteSignature' },
    { what: 'a scope without a service', headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/aws4_request' }, code: 'IncompleteSignature' },
  ])('refuses $what with $code', ({ headers, code }) => {
    expect(() => signingScope(headers, new URLSearchParams())).toThrow(expect.objectContaining({ code }) as Error)
  })
})
