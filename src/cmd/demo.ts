import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { policiesFor, renderPolicies } from '../crds/policies/index.ts'
import { connect } from '../kube/connection.ts'
import { RestClient } from '../kube/rest.ts'
import { systemClock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import { Child } from '../local/child.ts'
import { simulatedAwsEnvironment } from '../local/simulated-aws-environment.ts'
import { findSources } from '../local/sources.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { startSimulator } from '../simulator/start.ts'
import { type DemoCluster, othersCluster, ownCluster } from './demo/cluster.ts'
import type { DemoFlags } from './demo/flags.ts'
import { help } from './demo/help.ts'
import { startNarrator } from './demo/narrator.ts'
import { demandKubeconfig, namedCluster } from './named-cluster.ts'
import { PlainError } from './process.ts'
import { projectRoot } from './project-root.ts'

const examples = 'examples/accepted'
const account = '111122223333'

/** After this long people are told what to try even though something is not Ready. */
const helpAfterMs = 20_000

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function stopping(): void {
  say('\nstopping …')
}

/** `npm start`: the whole product on one machine, until `signal`. What was started is ended in reverse order, whatever happens. */
export async function runDemo(flags: DemoFlags, signal: AbortSignal): Promise<void> {
  demandKubeconfig(flags)
  const stops: (() => Promise<void>)[] = []
  signal.addEventListener('abort', stopping, { once: true })
  try {
    await demo(flags, signal, stops)
  } finally {
    signal.removeEventListener('abort', stopping)
    for (const stop of stops.toReversed()) await stop()
    if (signal.aborted) say(lastWords(flags, stops.length > 0))
  }
}

function lastWords({ kubeconfig }: DemoFlags, begun: boolean): string {
  if (kubeconfig === undefined) return 'everything has ended, nothing is left'
  return begun ? 'stopped. What was installed is still there; docs/simulator.md has the lines that remove it' : 'nothing was changed'
}

async function demo(flags: DemoFlags, signal: AbortSignal, stops: (() => Promise<void>)[]): Promise<void> {
  const started = systemClock.monotonicMs()
  const step = (text: string): void => say(`[${((systemClock.monotonicMs() - started) / 1000).toFixed(1).padStart(5)} s] ${text}`)
  const cluster = flags.kubeconfig === undefined ? await ownCluster(signal, step) : await othersCluster(flags, flags.kubeconfig, signal, say)
  stops.push(cluster.stop)
  const client = await connected(cluster, stops)

  const logFile = createWriteStream(join(cluster.dir, 'simulator.log'), { mode: 0o600 })
  stops.push(async () => {
    logFile.end()
    await finished(logFile)
  })
  const log = createLogger({ level: 'info', destination: logFile })
  const simulator = await startSimulator({ speed: flags.speed, kube: new Map([['*', client]]), clock: systemClock, random: systemRandom, log })
  stops.push(() => simulator.close())
  step(`simulated AWS ready on ${simulator.url}, ${flags.speed} times as fast as the real one`)

  await install(cluster, signal)
  step('CustomResourceDefinitions, roles and policies installed')
  const operator = await startOperator(cluster, simulator.url)
  stops.push(() => operator.end())
  step(`operator started; logs: ${cluster.dir}/operator.log and simulator.log`)
  await cluster.run(['apply', '--server-side', '-f', join(projectRoot(), examples)], { signal })
  step(`${examples} applied`)

  const narrator = startNarrator(client, step)
  stops.push(() => narrator.stop())
  const end = Promise.race([aborted(signal), cluster.ended, operator.ended.then(() => operatorEnded(operator))])
  await Promise.race([narrator.allReady, systemClock.sleep(helpAfterMs, { signal }), end])
  if (!signal.aborted) say(help(cluster))
  const reason = await end
  if (reason !== undefined) throw reason
}

async function connected({ kubeconfig, context }: DemoCluster, stops: (() => Promise<void>)[]): Promise<RestClient> {
  const connection = connect(await namedCluster(kubeconfig, context))
  stops.push(() => connection.close())
  const metrics = createMetrics()
  return new RestClient({ connection, clock: systemClock, metrics, rateLimit: { qps: 1000, burst: 2000 }, userAgent: 'tidegate-demo' })
}

async function install({ run, dir, operatorUser }: DemoCluster, signal: AbortSignal): Promise<void> {
  const root = projectRoot()
  const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=tidegate']
  await run([...apply, '-f', join(root, 'config/crd')], { signal })
  await run([...apply, '-f', join(root, 'config/rbac')], { signal })
  // Not those of config/policy: on a cluster of somebody else the operator is whoever runs the demo.
  const policies = join(dir, 'policies.yaml')
  await writeFile(policies, renderPolicies(policiesFor(operatorUser)))
  await run([...apply, '-f', policies], { signal })
  await run(['wait', '--for=condition=Established', '--timeout=30s', '-f', join(root, 'config/crd')], { signal })
}

async function startOperator(cluster: DemoCluster, endpoint: string): Promise<Child> {
  const { operatorKubeconfig, context, dir } = cluster
  const where = ['--kubeconfig', operatorKubeconfig, ...(context === undefined ? [] : ['--context', context])]
  return await Child.start({
    name: 'operator',
    command: process.execPath,
    args: [...process.execArgv, process.argv[1] ?? '', 'operator', ...where, '--health-port', '0', '--health-host', '127.0.0.1'],
    env: simulatedAwsEnvironment(process.env, { endpoint, account }),
    cwd: projectRoot(),
    sources: findSources(),
    logFile: join(dir, 'operator.log'),
  })
}

async function operatorEnded(operator: Child): Promise<Error> {
  const lines = await operator.lastLines(5)
  return new PlainError(`the operator ended by itself; the last lines of ${operator.logFile}:\n${lines.join('\n')}`)
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return undefined
  return await new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
