import type { KubeClient } from '../../kube/client.ts'
import { isKubeError } from '../../kube/kube-error.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { resources } from '../../kube/resource.ts'

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

/** What is known of a target. */
interface Known {
  readonly connection?: object
  /** The certificate of the authority of the cluster behind a connection, in PEM. */
  readonly rootCa?: { readonly of: object; readonly text: string }
  /** As EKS tells it, the PEM in base64. */
  readonly api?: { readonly certificateAuthority: string }
}

/** Where a cluster publishes the certificate of its own authority (kube-controller-manager, `root-ca-cert-publisher`); whatever proxy leads to it. */
export const rootCaKey = { namespace: 'kube-system', name: 'kube-root-ca.crt' } as const

/** That certificate, in PEM; `undefined` where there is none, or we may not read it. Errors: `KubeError`. */
export async function readRootCa(
  client: Pick<KubeClient, 'get'>,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<string | undefined> {
  try {
    const { data } = await client.get<ConfigMap>(resources.configMaps, rootCaKey, options)
    return data?.['ca.crt']
  } catch (error) {
    if (isKubeError(error, 'NotFound') || (isKubeError(error) && error.status === 403)) return undefined
    throw error
  }
}

/**
 * Whether what answers is another cluster than the one in EKS that the object names: each has an authority of its own, which EKS tells
 * (`certificateAuthority` of DescribeCluster). On its nodes and pods nothing could be decided: no instance of the group would seem to have any. False
 * while one of the two is not known.
 */
export function isOtherCluster({ connection, rootCa, api }: Known): boolean {
  if (rootCa === undefined || rootCa.of !== connection || api === undefined) return false
  const here = certificatesIn(rootCa.text)
  const inEks = certificatesIn(Buffer.from(api.certificateAuthority, 'base64').toString('latin1'))
  return here.length > 0 && inEks.length > 0 && !here.some((one) => inEks.includes(one))
}

/** The certificates of a bundle, however their lines are broken. */
function certificatesIn(pem: string): readonly string[] {
  return [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)].map(([, body = '']) => body.replaceAll(/\s/g, ''))
}
