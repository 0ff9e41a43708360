import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { eksNodeGroups } from '../crds/eks-node-group.ts'
import { targetClusters } from '../crds/target-cluster.ts'
import { loadKubeConfig } from '../kube/cluster-access.ts'
import { connect } from '../kube/connection.ts'
import type { CustomObject } from '../kube/objects.ts'
import { keyOf } from '../kube/resource.ts'
import { RestClient } from '../kube/rest.ts'
import { systemClock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import { ensureAssets, findAssets } from '../local/assets.ts'
import { Child } from '../local/child.ts'
import { startControlPlane } from '../local/control-plane.ts'
import { simulatedAwsEnvironment } from '../local/simulated-aws-environment.ts'
import { findSources } from '../local/sources.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { Informer } from '../runtime/informer.ts'
import { startSimulator } from '../simulator/start.ts'
import { type Kubectl, kubectl } from './kubectl.ts'
import { UsageError } from './process.ts'
import { projectRoot } from './project-root.ts'
import { createProgressDisplay } from '../local/progress-display.ts'

export interface DemoFlags {
  /** A cluster that somebody else runs; absent: one of our own. */
  readonly kubeconfig?: string
  readonly context?: string
  readonly yes?: boolean
  readonly speed: number
}

/** What the demo runs on. */
interface Cluster {
  /** For us and for the simulator. */
  readonly kubeconfig: string
  /** For the operator: on our own cluster it has only its own rights. */
  readonly operatorKubeconfig: string
  readonly context: string | undefined
  readonly kubectl: string
  readonly dir: string
  /** Resolves with the reason when the cluster ends by itself. */
  readonly ended: Promise<Error | undefined>
  readonly stop: () => Promise<void>
}

const examples = 'examples/accepted'
const account = '111122223333'

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** `npm start`: the whole product on one machine, until `signal`. What was started is ended in reverse order, whatever happens. */
export async function runDemo(flags: DemoFlags, signal: AbortSignal): Promise<void> {
  const stops: (() => Promise<void>)[] = []
  try {
    await demo(flags, signal, stops)
  } finally {
    for (const stop of stops.toReversed()) await stop()
  }
}

async function demo(flags: DemoFlags, signal: AbortSignal, stops: (() => Promise<void>)[]): Promise<void> {
  const started = systemClock.monotonicMs()
  const step = (text: string): void => say(`[${((systemClock.monotonicMs() - started) / 1000).toFixed(1).padStart(5)} s] ${text}`)
  const cluster = flags.kubeconfig === undefined ? await ownCluster(signal) : await namedCluster(flags, flags.kubeconfig, signal)
  stops.push(cluster.stop)
  step(flags.kubeconfig === undefined ? 'control plane ready' : `using ${flags.kubeconfig}`)

  const metrics = createMetrics()
  const connection = connect(await loadKubeConfig({ path: cluster.kubeconfig, ...(cluster.context === undefined ? {} : { context: cluster.context }) }))
  stops.push(connection.close)
  const client = new RestClient({ connection, clock: systemClock, metrics, rateLimit: { qps: 1000, burst: 2000 }, userAgent: 'tidegate-demo' })
  const log = createLogger({ level: 'warn' })
  const simulator = await startSimulator({ speed: flags.speed, kube: new Map([['*', client]]), clock: systemClock, random: systemRandom, log })
  stops.push(() => simulator.close())
  step(`simulated AWS ready on ${simulator.url}, ${flags.speed} times as fast as the real one`)

  const run = kubectl({ program: cluster.kubectl, kubeconfig: cluster.kubeconfig, context: cluster.context, home: cluster.dir })
  await install(run, signal)
  step('CustomResourceDefinitions and roles installed')

  const operator = await startOperator(cluster, simulator.url)
  stops.push(() => operator.end())
  step(`operator started, its log is ${operator.logFile}`)

  await run(['apply', '--server-side', '-f', join(projectRoot(), examples)], { signal })
  step(`applied ${examples}`)
  stops.push(narrate(client, step))
  help(cluster)
  const ended = await Promise.race([aborted(signal), cluster.ended, operator.ended.then(() => operatorEnded(operator))])
  if (ended !== undefined) throw ended
  say('\nstopping …')
}

async function ownCluster(signal: AbortSignal): Promise<Cluster> {
  const assets = await ensureAssets({ signal, display: createProgressDisplay(process.stderr, systemClock) })
  const plane = await startControlPlane({ assets, signal })
  const { admin, operator } = plane.identities
  return {
    kubeconfig: admin,
    operatorKubeconfig: operator,
    context: undefined,
    kubectl: assets.path('kubectl'),
    dir: plane.dir,
    ended: plane.ended,
    stop: () => plane.stop(),
  }
}

/** A cluster that is not ours is touched only when it was named, and after a person has typed its name. */
async function namedCluster(flags: DemoFlags, kubeconfig: string, signal: AbortSignal): Promise<Cluster> {
  const access = await loadKubeConfig({ path: kubeconfig, ...(flags.context === undefined ? {} : { context: flags.context }) })
  say(`This cluster is not ours:\n  server   ${access.server.href}\n  context  ${access.context}`)
  say('The demo installs CustomResourceDefinitions (tidegate.io), ClusterRoles (tidegate-*), the namespaces tidegate-system and training, and simulated Nodes.')
  if (flags.yes !== true) {
    if (!process.stdin.isTTY) throw new UsageError('refusing to touch a cluster that is not ours without a terminal to ask at: add --yes')
    const terminal = createInterface({ input: process.stdin, output: process.stdout })
    const answer = await terminal.question(`Type the context's name to go on: `, { signal })
    terminal.close()
    if (answer.trim() !== access.context) throw new UsageError('that is not the name of the context; nothing was changed')
  }
  const dir = await mkdtemp(join(tmpdir(), 'tidegate-demo-'))
  const assets = await findAssets()
  return {
    kubeconfig,
    operatorKubeconfig: kubeconfig,
    context: access.context,
    kubectl: assets?.path('kubectl') ?? 'kubectl',
    dir,
    ended: new Promise(() => undefined),
    stop: async () => await rm(dir, { recursive: true, force: true }),
  }
}

async function install(run: Kubectl, signal: AbortSignal): Promise<void> {
  const root = projectRoot()
  const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=tidegate']
  await run([...apply, '-f', join(root, 'config/crd')], { signal })
  await run([...apply, '-f', join(root, 'config/rbac')], { signal })
  await run(['wait', '--for=condition=Established', '--timeout=30s', '-f', join(root, 'config/crd')], { signal })
}

async function startOperator(cluster: Cluster, endpoint: string): Promise<Child> {
  const { operatorKubeconfig, context, dir } = cluster
  const contextFlag = context === undefined ? [] : ['--context', context]
  return await Child.start({
    name: 'operator',
    command: process.execPath,
    args: [
      ...process.execArgv,
      process.argv[1] ?? '',
      'operator',
      '--kubeconfig',
      operatorKubeconfig,
      ...contextFlag,
      '--health-port',
      '0',
      '--health-host',
      '127.0.0.1',
    ],
    env: simulatedAwsEnvironment(process.env, { endpoint, account }),
    cwd: projectRoot(),
    sources: findSources(),
    logFile: join(dir, 'operator.log'),
  })
}

async function operatorEnded(operator: Child): Promise<Error> {
  const lines = await operator.lastLines(5)
  return new Error(`the operator ended by itself; the last lines of ${operator.logFile}:\n${lines.join('\n')}`)
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return undefined
  return await new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

/** Says in one line whenever an object's Ready changes its word. Returns what stops it. */
function narrate(client: RestClient, step: (text: string) => void): () => Promise<void> {
  const stop = new AbortController()
  const log = createLogger({ level: 'silent' })
  const common = { client, clock: systemClock, random: systemRandom, log, metrics: createMetrics() }
  const informers = [targetClusters, eksNodeGroups].map((resource) => {
    const informer = new Informer<CustomObject>({ ...common, resource })
    const tell = (object: CustomObject, before: CustomObject | undefined): void => {
      const [now, then] = [inWords(object), before === undefined ? undefined : inWords(before)]
      if (now !== undefined && now !== then) step(`${resource.kind} ${keyOf(object.metadata)}: ${now}`)
    }
    informer.addHandler({
      added: (object) => tell(object, undefined),
      updated: tell,
      deleted: (object) => step(`${resource.kind} ${keyOf(object.metadata)}: gone`),
    })
    return informer.run(stop.signal)
  })
  return async () => {
    stop.abort()
    await Promise.all(informers)
  }
}

function inWords({ status }: CustomObject): string | undefined {
  const of = (wanted: string) => status?.conditions?.find(({ type }) => type === wanted)
  const ready = of('Ready')
  if (ready === undefined) return undefined
  const shown = of('Stalled') ?? of('Reconciling') ?? ready
  const text = shown.message === '' ? '' : `: ${shown.message}`
  if (ready.status === 'True') return `Ready${ready.message === '' ? '' : `, ${ready.message}`}`
  return `${shown === ready ? 'not Ready' : shown.type}, ${shown.reason}${text}`
}

function help({ kubeconfig, kubectl: program, context }: Cluster): void {
  const contextFlag = context === undefined ? '' : ` --context ${context}`
  say(`
In another terminal:
  export KUBECONFIG=${kubeconfig}
  alias kubectl='${program}${contextFlag}'

Five things to try:
  1. watch it            kubectl get eksnodegroups -n training --watch
  2. see the nodes       kubectl get nodes -L eks.amazonaws.com/nodegroup
  3. let it grow         kubectl scale eksnodegroup/workers -n training --replicas=4
  4. ask why             kubectl describe eksnodegroup/workers -n training
  5. do it wrong         kubectl patch eksnodegroup/workers -n training --type merge -p '{"spec":{"scaling":{"minSize":9,"maxSize":3}}}'
  Then let it go:        kubectl delete eksnodegroup/workers -n training --wait=false
                         (it asks for a confirmation: kubectl describe prints the line to type)

Ctrl-C ends everything.
`)
}
