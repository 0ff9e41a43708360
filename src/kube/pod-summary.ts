import { Interner } from './intern.ts'
import type { KubeObject } from './objects.ts'
import { milliOf, wholeOf } from './quantity.ts'

/** What a pod asks the scheduler for. */
export interface PodRequests {
  readonly cpuMilli: number
  readonly memoryBytes: number
  readonly gpus: number
}

/** A pod as the cache keeps it. */
export interface PodSummary extends KubeObject {
  readonly nodeName?: string
  readonly phase: string
  /** The controller, or the first owner where none is marked: then `controller` is false, and nobody makes the pod anew. */
  readonly owner?: { readonly kind: string; readonly name: string; readonly uid: string; readonly controller?: false }
  readonly requests: PodRequests
  readonly priority: number
  readonly ready: boolean
  /** What a drain has to know of its volumes: data that goes with the pod, and claims that have to be detached. Absent where it has neither. */
  readonly volumes?: 'EmptyDir' | 'Claim' | 'EmptyDirAndClaim'
}

interface Resources {
  readonly requests?: Readonly<Record<string, string>>
  readonly limits?: Readonly<Record<string, string>>
}

interface Container {
  readonly resources?: Resources
  readonly restartPolicy?: string
}

interface RawVolume {
  readonly name: string
  readonly emptyDir?: object
  readonly persistentVolumeClaim?: { readonly claimName: string }
  readonly ephemeral?: object
}

/** The parts of a Pod that the summary is made from. */
export interface RawPod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string
    readonly priority?: number
    readonly containers?: readonly Container[]
    readonly initContainers?: readonly Container[]
    readonly overhead?: Readonly<Record<string, string>>
    readonly volumes?: readonly RawVolume[]
    readonly terminationGracePeriodSeconds?: number
    readonly resources?: Resources
  }
  readonly status?: { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

const gpu = 'nvidia.com/gpu'

/** Thousands of pods ask for the same few amounts; reading one anew takes longer than everything else in a projection. */
const millis = new Interner<number>()
const wholes = new Interner<number>()

function amount(named: Readonly<Record<string, string>> | undefined): PodRequests {
  const whole = (name: string): number => wholes.get(named?.[name] ?? '0', wholeOf)
  return { cpuMilli: millis.get(named?.['cpu'] ?? '0', milliOf), memoryBytes: whole('memory'), gpus: whole(gpu) }
}

function combine(a: PodRequests, b: PodRequests, how: (x: number, y: number) => number): PodRequests {
  return { cpuMilli: how(a.cpuMilli, b.cpuMilli), memoryBytes: how(a.memoryBytes, b.memoryBytes), gpus: how(a.gpus, b.gpus) }
}

function plus(x: number, y: number): number {
  return x + y
}

/**
 * What the scheduler reserves: the sum of the containers and sidecars, or the largest moment of initialisation where that is more, or the
 * pod's own requests where it has them; and the overhead of its runtime class.
 *
 * Source: k8s.io/component-helpers/resource `PodRequests`; KEP-753 (sidecars), KEP-2837 (pod-level resources: CPU and memory only).
 */
export function effectiveRequests(spec: RawPod['spec']): PodRequests {
  const none = amount(undefined)
  let running = none
  for (const container of spec?.containers ?? []) running = combine(running, amount(container.resources?.requests), plus)
  let [sidecars, initial] = [none, none]
  for (const container of spec?.initContainers ?? []) {
    const own = amount(container.resources?.requests)
    if (container.restartPolicy === 'Always') sidecars = combine(sidecars, own, plus)
    initial = combine(initial, container.restartPolicy === 'Always' ? sidecars : combine(sidecars, own, plus), Math.max)
  }
  const containers = combine(combine(running, sidecars, plus), initial, Math.max)
  const named = spec?.resources?.requests
  const own = amount(named)
  const total = {
    cpuMilli: named?.['cpu'] === undefined ? containers.cpuMilli : own.cpuMilli,
    memoryBytes: named?.['memory'] === undefined ? containers.memoryBytes : own.memoryBytes,
    gpus: containers.gpus,
  }
  return spec?.overhead === undefined ? total : combine(total, amount(spec.overhead), plus)
}

/** Equal for equal requests. */
export function requestsKey({ cpuMilli, memoryBytes, gpus }: PodRequests): string {
  return `${cpuMilli}/${memoryBytes}/${gpus}`
}

export function volumesOf(spec: RawPod['spec']): PodSummary['volumes'] {
  let [data, claim] = [false, false]
  for (const { emptyDir, persistentVolumeClaim, ephemeral } of spec?.volumes ?? []) {
    data ||= emptyDir !== undefined
    claim ||= persistentVolumeClaim !== undefined || ephemeral !== undefined
  }
  if (data) return claim ? 'EmptyDirAndClaim' : 'EmptyDir'
  return claim ? 'Claim' : undefined
}

export function isReady(status: RawPod['status']): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
}
