import type { Node } from '../kube/objects.ts'

/**
 * Of several Nodes with one providerID the one that was made last: a machine that registered anew under another name leaves its old Node behind, which
 * nobody deletes as long as the machine runs, and what runs there runs under the new one. A drain of the old one would find it empty.
 */
export function youngest(nodes: readonly Node[]): Node | undefined {
  return nodes.reduce<Node | undefined>((best, node) => (best === undefined || made(node) > made(best) ? node : best), undefined)
}

/** RFC 3339 in UTC, as the API server writes it: later times sort later. */
function made({ metadata }: Node): string {
  return metadata.creationTimestamp ?? ''
}
