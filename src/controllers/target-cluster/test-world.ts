import type { EksCluster } from '../../aws/eks/port.ts'
import type { TargetCluster, TargetClusterSpec } from '../../crds/target-cluster.ts'
import { targetClusterConditions } from '../../crds/target-cluster-reasons.ts'
import { type DrainBudget, defaultDrainBudget } from '../../drain/service.ts'
import { KubeError } from '../../kube/kube-error.ts'
import type { Resource } from '../../kube/resource.ts'
import { createLogger } from '../../observability/logger.ts'
import { ConditionSet } from '../../runtime/conditions.ts'
import type { Holder } from '../../runtime/freeze.ts'
import type { Draft, FinalizeResult } from '../../runtime/reconciler.ts'
import type { Feed, OtherTarget, TargetClusterDeps, TargetUser } from './ports.ts'
import { TargetClusterReconciler } from './reconciler.ts'
import { SecretHolds } from './secret-holds.ts'
import { Targets } from './targets.ts'

const spec: Omit<TargetClusterSpec, 'aws'> = {
  connection: { kubeconfigSecretRef: { name: 'demo', key: 'kubeconfig' } },
  eksClusterName: 'demo',
  allow: { namespaces: { names: ['training'] } },
  timeZone: 'UTC',
  budget: defaultDrainBudget,
  discovery: 'None',
  suspend: false,
}
const { signal } = new AbortController()

/** One target, what answers there, and the objects that name it; for tests. */
export class World {
  now = new Date('2026-11-21T06:00:00Z')
  secret: string | undefined = 'kubeconfig'
  secretName = 'demo'
  secretLeaves = false
  /** Secrets with our finalizer. */
  readonly held = new Set<string>()
  others: readonly OtherTarget[] = []
  annotations: Readonly<Record<string, string>> = {}
  /** The release namespace, which may freeze everything. */
  namespace: Holder = { what: 'namespace tidegate-system', suspend: false, annotations: undefined }
  readonly events: string[] = []
  /** The audit lines, and what else was logged. */
  readonly logged: object[] = []
  readonly log = createLogger({ level: 'info', destination: { write: (line: string) => void this.logged.push(JSON.parse(line) as object) } })
  kubernetes: () => object = () => ({ metadata: { uid: 'kube-system-uid' } })
  /** Of the API server. */
  gitVersion = 'v1.36.2'
  /** The certificate that the cluster publishes, in PEM; `Forbidden`: we may not read it. */
  rootCa: string | undefined
  /** Of the credentials, and what the spec says of it. */
  accountId = '111122223333'
  wantedAccountId: string | undefined = '111122223333'
  roleArn: string | undefined
  cluster: EksCluster | undefined = { name: 'demo', arn: 'arn', state: 'Active', autoMode: false, endpoint: 'https://eks', certificateAuthority: 'bm9uZQ==' }
  users: readonly Pick<TargetUser, 'object' | 'groupName'>[] = []
  status: TargetCluster['status']
  /** How nodes and pods are followed. */
  readonly feeds: Record<Feed['resource'], Omit<Feed, 'resource'>> = { nodes: { ageMs: 0, failure: undefined }, pods: { ageMs: 0, failure: undefined } }
  uid = 't1'
  generation = 1
  gone = false
  readonly open = new Set<string>()
  /** Another management cluster that has the target. */
  holder: string | undefined
  /** What a write of the Lease fails with, and for how long each has. */
  leaseError: KubeError | undefined
  leaseFailsMs = 0
  /** How often the Lease was asked for. */
  claims = 0
  /** As where the credentials stay the same: each pass gets the connection that is open. */
  keepsConnection = false
  #connection: object | undefined
  readonly released: string[] = []
  /** Of the object, and what its drain service was given. */
  budget: DrainBudget = defaultDrainBudget
  readonly budgets: DrainBudget[] = []
  describes = 0
  /** Called while EKS is asked for the cluster. */
  describing: () => void = () => undefined

  readonly #object = (): TargetCluster => ({
    metadata: { name: 'demo', uid: this.uid, resourceVersion: '1', generation: this.generation, annotations: this.annotations },
    spec: { ...spec, aws: this.#aws(), budget: this.budget, connection: { kubeconfigSecretRef: { name: this.secretName, key: 'kubeconfig' } } },
    ...(this.status === undefined ? {} : { status: this.status }),
  })
  readonly targets = new Targets({ target: () => (this.gone ? undefined : this.#object()), namespaceLabels: () => ({}), now: () => this.now })
  readonly reconciler = new TargetClusterReconciler(
    {
      secrets: {
        read: async (name: string) =>
          this.secret === undefined ? undefined : { uid: `secret-${name}`, value: this.secret, held: this.held.has(name), leaving: this.secretLeaves },
        hold: async (name: string) => void this.held.add(name),
        release: async (name: string) => void this.held.delete(name),
      },
      secretHolds: new SecretHolds(),
      connections: {
        open: async (name: string) => {
          this.open.add(name)
          if (this.keepsConnection && this.#connection !== undefined) return this.#connection
          this.#connection = {
            client: {
              get: async ({ plural }: Resource) => (plural === 'configmaps' ? this.#rootCa() : this.kubernetes()),
              raw: async () => JSON.stringify({ gitVersion: this.gitVersion }),
            },
            nodes: {
              list: () => [],
              byInstance: () => undefined,
              hasSynced: Object.values(this.feeds).every(({ ageMs }) => ageMs !== Number.POSITIVE_INFINITY),
              feeds: () => [
                { resource: 'nodes', ...this.feeds.nodes },
                { resource: 'pods', ...this.feeds.pods },
              ],
            },
            lease: {
              claim: async () => this.#claim(),
              isHeld: () => this.holder === undefined && this.leaseError === undefined,
              failsForMs: () => this.leaseFailsMs,
              release: async () => this.released.push(name) > 0,
            },
            drain: { setBudget: (budget: DrainBudget) => void this.budgets.push(budget) },
          }
          return this.#connection
        },
        close: (name: string) => void this.open.delete(name),
      },
      aws: () => ({
        identity: { get: async () => ({ accountId: this.accountId, arn: '' }) },
        clusters: { describe: async () => (this.describes++, this.describing(), this.cluster) },
      }),
      now: () => this.now,
      others: { targets: () => this.others, users: () => this.users, holders: () => [this.namespace] },
    } as unknown as TargetClusterDeps,
    this.targets,
  )

  /** A pass, and the next one after a checkpoint; what it leaves is what the next one and the groups read. */
  async pass(kind: 'reconcile' | 'finalize'): Promise<unknown> {
    const result = await this.#one(kind)
    return result.kind === 'checkpoint' ? await this.pass(kind) : result
  }

  async #one(kind: 'reconcile' | 'finalize'): Promise<FinalizeResult> {
    const { conditions: before = [], ...status } = structuredClone(this.status) ?? {}
    const draft: Draft<TargetCluster> = { object: this.#object(), status, conditions: new ConditionSet(targetClusterConditions, before) }
    try {
      const event = ({ reason, note }: { readonly reason: string; readonly note: string }): void => void this.events.push(`${reason}: ${note}`)
      return await this.reconciler[kind](draft, { signal, log: this.log, event })
    } finally {
      const observedGeneration = this.generation
      this.status = { ...draft.status, observedGeneration, conditions: draft.conditions.compose(this.now, observedGeneration) }
    }
  }

  #rootCa(): object {
    if (this.rootCa === 'Forbidden') throw new KubeError(403, 'Forbidden', 'configmaps "kube-root-ca.crt" is forbidden')
    return { data: { 'ca.crt': this.rootCa } }
  }

  #claim(): string | undefined {
    this.claims += 1
    if (this.leaseError !== undefined) throw this.leaseError
    return this.holder
  }

  /** Seconds later, with a pass every 30 s. */
  async later(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 30) {
      this.now = new Date(this.now.getTime() + Math.min(left, 30) * 1000)
      await this.pass('reconcile')
    }
  }

  #aws(): TargetClusterSpec['aws'] {
    const [accountId, roleArn] = [this.wantedAccountId, this.roleArn]
    return { region: 'us-west-2', ...(accountId === undefined ? {} : { accountId }), ...(roleArn === undefined ? {} : { roleArn }) }
  }

  get found(): unknown {
    return this.targets.find('demo', { namespace: 'training', roleArn: undefined }).state
  }
}
