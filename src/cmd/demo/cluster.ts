import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { operatorUser } from '../../crds/policies/policy.ts'
import type { ClusterAccess } from '../../kube/cluster-access.ts'
import { connect } from '../../kube/connection.ts'
import { resources } from '../../kube/resource.ts'
import { RestClient } from '../../kube/rest.ts'
import { systemClock } from '../../lib/clock.ts'
import { ensureAssets, findAssets } from '../../local/assets.ts'
import { Child } from '../../local/child.ts'
import { startControlPlane } from '../../local/control-plane.ts'
import { childEnvironment } from '../../local/environment.ts'
import { createProgressDisplay } from '../../local/progress-display.ts'
import { findSources } from '../../local/sources.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { type Kubectl, kubectl } from '../kubectl.ts'
import { namedCluster } from '../named-cluster.ts'
import { PlainError, UsageError } from '../process.ts'
import type { DemoFlags } from './flags.ts'

/** What the demo runs on. */
export interface DemoCluster {
  /** For us and for the simulator. */
  readonly kubeconfig: string
  /** For the operator: on our own cluster it has only its own rights. */
  readonly operatorKubeconfig: string
  /** The name under which the API server knows the operator: policies let it do what they keep from others. */
  readonly operatorUser: string
  readonly context: string | undefined
  /** The path of kubectl, for people. */
  readonly kubectl: string
  readonly run: Kubectl
  readonly dir: string
  /** Resolves with the reason when the cluster ends by itself. */
  readonly ended: Promise<Error | undefined>
  readonly stop: () => Promise<void>
}

/** One of our own, which goes with the demo. The first time the binaries are built, with progress shown. */
export async function ownCluster(signal: AbortSignal, step: (line: string) => void): Promise<DemoCluster> {
  const assets = await ensureAssets({ signal, display: createProgressDisplay(process.stderr, systemClock) })
  step('starting a Kubernetes control plane on this machine')
  const plane = await startControlPlane({ assets, signal })
  const { admin, operator } = plane.identities
  const program = assets.path('kubectl')
  return {
    kubeconfig: admin,
    operatorKubeconfig: operator,
    operatorUser: operatorUser(),
    context: undefined,
    kubectl: program,
    run: kubectl({ program, kubeconfig: admin, context: undefined, home: plane.dir }),
    dir: plane.dir,
    ended: plane.ended,
    stop: () => plane.stop(),
  }
}

/** A cluster that is not ours is touched only when it was named, and after a person has typed its name. */
export async function othersCluster(flags: DemoFlags, kubeconfig: string, signal: AbortSignal, say: (line: string) => void): Promise<DemoCluster> {
  const access = await namedCluster(kubeconfig, flags.context)
  const { context, server } = access
  await demandAnswer(access, signal)
  say(`This cluster is not ours:
  server   ${server.href}
  context  ${context}
The demo would install there, and leave there when it ends:
  CustomResourceDefinitions of tidegate.io, ClusterRoles and admission policies tidegate-*,
  the namespaces tidegate-system and training with two EksNodeGroups, and simulated Nodes.`)
  if (flags.yes !== true) await ask(context, signal)
  const assets = await findAssets()
  const dir = await mkdtemp(join(tmpdir(), 'tidegate-demo-'))
  const program = assets?.path('kubectl') ?? 'kubectl'
  const run = kubectl({ program, kubeconfig, context, home: dir })
  if (assets === undefined) say('No kwok is built here: the simulated Nodes stay NotReady unless one runs in that cluster.')
  const kwok = assets === undefined ? undefined : await startKwok(assets.path('kwok'), dir, run, signal)
  return {
    kubeconfig,
    operatorKubeconfig: kubeconfig,
    operatorUser: (await run(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'], { signal })).trim(),
    context,
    kubectl: program,
    run,
    dir,
    ended: new Promise(() => undefined),
    stop: async () => {
      await kwok?.end()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Before anybody is asked anything: is it there, and do we get in? */
async function demandAnswer(access: ClusterAccess, signal: AbortSignal): Promise<void> {
  const connection = connect(access)
  try {
    const client = new RestClient({ connection, clock: systemClock, metrics: createMetrics(), userAgent: 'tidegate-demo' })
    await client.get(resources.namespaces, { name: 'kube-system' }, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw new PlainError(`the cluster at ${access.server.href} cannot be used: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  } finally {
    await connection.close()
  }
}

async function ask(context: string, signal: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError('without a terminal nobody can agree to this: add --yes; nothing was changed')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    // Ctrl-C in readline's terminal reaches nobody else; Ctrl-D rejects the question.
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    const answer = await terminal.question(`Type the context's name to go on: `, { signal }).catch(() => '')
    signal.throwIfAborted()
    if (answer.trim() !== context) throw new UsageError('that is not the name of the context; nothing was changed')
  } finally {
    terminal.close()
  }
}

/** The kubelet of the simulated Nodes, and of no other: without one they would never be Ready. Two at one cluster share the Nodes by their Leases. */
async function startKwok(program: string, dir: string, run: Kubectl, signal: AbortSignal): Promise<Child> {
  const sources = findSources()
  // kwok knows no --context
  const kubeconfig = join(dir, 'kwok-kubeconfig')
  await writeFile(kubeconfig, await run(['config', 'view', '--raw', '--minify', '--flatten'], { signal }), { mode: 0o600 })
  return await Child.start({
    name: 'kwok',
    command: program,
    args: [`--kubeconfig=${kubeconfig}`, '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake', `--config=${join(sources, 'stages.yaml')}`],
    env: childEnvironment(process.env, dir),
    cwd: dir,
    sources,
    logFile: join(dir, 'kwok.log'),
  })
}
