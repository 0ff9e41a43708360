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

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
}

function inWords({ message, cause }: KubeconfigError): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  return words[code ?? ''] ?? message
}
