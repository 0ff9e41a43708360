import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { SignatureV4 } from '@smithy/signature-v4'
import type { ConnectionConfig } from '../connection.ts'

/** EKS reads the cluster that a token is for from this header; it is part of the signature, so that a token for one cluster opens no other. */
const clusterHeader = 'x-k8s-aws-id'

/** What aws-iam-authenticator signs; STS takes the request for 15 min after its date whatever stands here. */
const expiresInSeconds = 60

interface Address {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
}

/** Makes presigned `GetCallerIdentity` URLs with the credentials, the region and the endpoint that a client of this configuration has. */
export function presigner(config: ConnectionConfig): (clusterName: string) => Promise<string> {
  const client = new STSClient(config)
  const { credentials, region, sha256 } = client.config
  const signer = new SignatureV4({ service: 'sts', credentials, region, sha256 })
  let address: Promise<Address> | undefined
  return async (clusterName) => {
    address ??= addressOf(client)
    const { protocol, hostname, port, path } = await address
    const host = port === undefined ? hostname : `${hostname}:${port}`
    const signed = await signer.presign(
      {
        method: 'GET',
        protocol,
        hostname,
        ...(port === undefined ? {} : { port }),
        path,
        query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
        headers: { host, [clusterHeader]: clusterName },
      },
      { expiresIn: expiresInSeconds },
    )
    const query = Object.entries(signed.query ?? {}).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    return `${protocol}//${host}${path}?${query.join('&')}`
  }
}

/** Where the client would send the call: its own rules for partitions, dual stack, FIPS and `AWS_ENDPOINT_URL`. Nothing is sent. */
async function addressOf(client: STSClient): Promise<Address> {
  const { promise, resolve } = Promise.withResolvers<Address>()
  const command = new GetCallerIdentityCommand({})
  command.middlewareStack.add(
    () =>
      async ({ request }) => {
        resolve(request as Address)
        return { output: { $metadata: {} }, response: undefined }
      },
    { step: 'finalizeRequest', priority: 'high', name: 'tidegateAddress' },
  )
  await client.send(command)
  return await promise
}
