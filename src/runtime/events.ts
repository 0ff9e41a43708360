import type { KubeObject } from '../kube/objects.ts'
import type { Resource } from '../kube/resource.ts'

/** What happened, for `kubectl get events`. `reason` is a constant of the caller (UpperCamelCase), `action` what we did or tried. */
export interface EventText {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly action: string
  /** For people; what is beyond 1 KiB is cut. */
  readonly note: string
}

/** Tells about an object. Never throws and never waits: an event that cannot be stored must not fail the pass that tells it. */
export interface EventRecorder {
  record(resource: Resource, regarding: KubeObject, event: EventText): void
}
