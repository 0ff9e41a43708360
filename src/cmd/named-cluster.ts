import { type ClusterAccess, loadKubeConfig } from '../kube/cluster-access.ts'
import { KubeconfigError } from '../kube/kubeconfig.ts'
import { UsageError } from './process.ts'

/** The cluster that `--kubeconfig` names. Errors: `UsageError` with the path and what is wrong with it. */
export async function namedCluster(path: string, context?: string): Promise<ClusterAccess> {
  try {
    return await loadKubeConfig(context === undefined ? { path } : { path, context })
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error
    throw new UsageError(`kubeconfig ${path}: ${inWords(error)}`, { cause: error })
  }
}

/** `--context` beside no kubeconfig would be passed over, and the work would begin on another cluster than the one that was meant. Throws a `UsageError`. */
export function demandKubeconfig({ kubeconfig, context }: { readonly kubeconfig?: string; readonly context?: string }): void {
  if (context !== undefined && kubeconfig === undefined)
    throw new UsageError(`--context ${context} is of no use alone: give --kubeconfig too, the file that has the context`)
}

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
}

function inWords({ message, cause }: KubeconfigError): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  return words[code ?? ''] ?? message
}
