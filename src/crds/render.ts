import { dump } from 'js-yaml'
import { type Kind, toCrd } from './crd.ts'
import { kinds } from './index.ts'

/** One CRD as YAML; the same bytes for the same kind. */
export function renderCrd(kind: Kind): string {
  return dump(toCrd(kind), { lineWidth: -1, noRefs: true, sortKeys: true })
}

/** All CRDs as one stream of YAML documents, for `kubectl apply -f -`. */
export function renderCrds(): string {
  return kinds.map(renderCrd).join('---\n')
}
