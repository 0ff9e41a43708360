import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import type { GroupSpec } from '../../support/builders.ts'
import type { About } from '../../support/killable-operator.ts'
import type { Subject } from '../../support/subject.ts'
import type { Stage } from '../../support/world.ts'

/** One group on the stage: an object and a node group in EKS, both of this name. */
export interface Actor {
  readonly stage: Stage
  readonly name: string
  readonly group: Subject<EksNodeGroup>
  apply(spec: GroupSpec): Promise<void>
}

/** What a person does, and what the world must look like afterwards, whenever the operator died in between. */
export interface Story {
  readonly title: string
  /** The writes that are its own; default all but those about a TargetCluster, its Lease and its rights. */
  readonly about?: About
  /** Brings the group to where the story begins; the operator lives. */
  readonly before?: (actor: Actor) => Promise<void>
  /** What the person does; from here on the operator may die. */
  readonly act: (actor: Actor) => Promise<void>
  /** Throws until the story has ended. */
  readonly ended: (actor: Actor) => Promise<void>
  /** Throws when the end is not the one that it would have been without a death. */
  readonly check: (actor: Actor) => Promise<void>
}
