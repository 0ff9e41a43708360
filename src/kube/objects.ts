/** Objects as the API server sends them; only the fields that somebody here reads. Unknown fields survive, since we never PUT a read object. */

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
}

export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
}

/** `metav1.Condition`. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly observedGeneration?: number
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

/** What every status of ours has. */
export interface BaseStatus {
  observedGeneration?: number
  conditions?: readonly Condition[]
}

export interface CustomObject<Spec = unknown, Status extends BaseStatus = BaseStatus> extends KubeObject {
  readonly spec: Spec
  readonly status?: Status
}

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
  readonly timeAdded?: string
}

export interface Node extends KubeObject {
  readonly spec: { readonly providerID?: string; readonly unschedulable?: boolean; readonly taints?: readonly Taint[] }
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
      /** Go writes a time that nobody set as `null`. */
      readonly lastTransitionTime?: string | null
    }[]
    readonly capacity?: Readonly<Record<string, string>>
    readonly allocatable?: Readonly<Record<string, string>>
    readonly nodeInfo?: { readonly kubeletVersion: string }
    /** Not kept by the cache: only in a Node as the API server gives it. */
    readonly volumesAttached?: readonly { readonly name: string }[]
    readonly volumesInUse?: readonly string[]
  }
}

export interface Secret extends KubeObject {
  readonly type?: string
  /** Values are base64. */
  readonly data?: Readonly<Record<string, string>>
}

export interface Namespace extends KubeObject {
  readonly status?: { readonly phase?: string }
}
