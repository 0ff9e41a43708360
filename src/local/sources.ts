import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LocalError } from './local-error.ts'

/**
 * The folder `local/control-plane` of the checkout: go.mod, go.sum, leash.sh, stages.yaml. Looked for upwards, since we may run from `src/local`
 * or as a bundle in `dist`.
 */
export function findSources(from: string = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'local', 'control-plane')
    if (existsSync(join(candidate, 'go.mod'))) return candidate
    if (folder === dirname(folder)) break
  }
  throw new LocalError('NoSources', 'the local control plane needs a checkout of the project: local/control-plane was not found beside this program')
}
