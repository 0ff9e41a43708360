import type { Kind } from './crd.ts'
import { eksNodeGroupKind } from './eks-node-group.ts'
import { targetClusterKind } from './target-cluster.ts'

/** Every kind; all that is generated comes from here. */
export const kinds: readonly Kind[] = [targetClusterKind, eksNodeGroupKind]
