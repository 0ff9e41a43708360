import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { freePorts } from '../../src/local/ports.ts'
import { simulatedAwsEnvironment } from '../../src/local/simulated-aws-environment.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { startSimulator } from '../../src/simulator/start.ts'
import { eventually } from '../support/eventually.ts'
import { account, callsOf, enforce, nodeRole, refusedIn } from './support/iam.ts'
import { kubectlFor, startPlane } from './support/plane.ts'
import { Program, root, run } from './support/program.ts'
import { inherited } from './support/trap.ts'

const bundle = join(root, 'dist/tidegate.mjs')
const secret = 'a-secret-that-nobody-may-see-in-a-log'

beforeAll(async () => {
  const { code, stderr } = await run(['npm', 'run', 'build'], { env: inherited() })
  if (code !== 0) throw new Error(stderr)
})

test('the bundle runs the operator under its own rights: health, metrics, logs without secrets, a quick end', async () => {
  const plane = await startPlane()
  const kubectl = kubectlFor(plane)
  const simulator = await startSimulator({ clock: systemClock, random: systemRandom, log: createLogger({ level: 'silent' }), speed: 600 })
  const { stdout: policy } = await run([process.execPath, bundle, 'iam-policy', '--pass-role', nodeRole])
  await enforce(simulator.url, policy)
  await kubectl('apply --server-side -f config/crd -f config/rbac -f config/policy')
  const [port = 0] = await freePorts(1, systemRandom)
  const flags = ['--kubeconfig', plane.identities.operator, '--health-host', '127.0.0.1', '--health-port', String(port), '--log-level', 'debug']
  const env = { ...simulatedAwsEnvironment(inherited(), { endpoint: simulator.url, account }), AWS_SECRET_ACCESS_KEY: secret }
  const start = (): Program => new Program([process.execPath, '--enable-source-maps', bundle, 'operator', ...flags], { env })
  const operator = start()
  const get = async (path: string): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    return `${answer.status} ${await answer.text()}`
  }

  await eventually(async () => expect(await get('/healthz')).toBe('200 ok'))
  await eventually(async () => expect(await get('/readyz')).toBe('200 ok'))
  expect(await get('/readyz?verbose')).toMatch(/\[\+]cache-of-groups ok/)
  expect(await get('/elsewhere')).toMatch(/^404/)
  // A group without nodes: this plane has no kubelet to play, and needs none.
  await kubectl('apply --server-side -f examples/accepted/00-namespace.yaml -f examples/accepted/10-target-cluster.yaml')
  await kubectl('apply --server-side -f test/e2e/support/empty-group.yaml')
  await kubectl('wait eksnodegroup/empty -n training --for=condition=Ready --timeout=60s')

  const metrics = (await get('/metrics')).replace(/^200 /, '')
  expect(names.filter((name) => !metrics.includes(name))).toEqual([])
  expect(documented()).toEqual(served(metrics))
  expect(operator.stdout).toBe('')
  expect(brokenLines(operator.stderr)).toEqual([])
  const tokens = readFileSync(plane.identities.operator, 'utf8').match(/(?<="token": ")[^"]+/g) ?? []
  expect(tokens).toHaveLength(1)
  for (const hidden of [...tokens, secret]) expect(operator.stderr).not.toContain(hidden)
  expect(operator.stderr).not.toMatch(/AccessDenied|Forbidden/)
  expect(refusedIn(await callsOf(simulator.url))).toEqual([])

  await expectQuickEnd(operator)
  const leads = async (): Promise<void> => expect(await get('/metrics')).toContain('leader_election_master_status{name="tidegate-operator"} 1')
  if (operator.stderr.includes('lease not released')) {
    // The API server took more than 1.5 s for it: the next one finds it expired, and lets it go.
    const next = start()
    await eventually(leads)
    await expectQuickEnd(next)
  }
  expect(await kubectl("get lease tidegate-operator -n tidegate-system -o jsonpath='{.spec.holderIdentity}'")).toBe('')
  await simulator.close()
})

test('an older Node gets one line that says what is needed', async ({ skip }) => {
  const old = (await oldNode()) ?? skip('there is no Node below 24 in the PATH')
  const { code, stdout, stderr } = await run([old, bundle, 'operator'])
  expect(stderr).toMatch(/^tidegate needs Node 24 or newer, this is v\d+\.\d+\.\d+\n$/)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
})

test('the bundle prints its version, its help and the definitions without the sources', async () => {
  const [version, help, crds] = await Promise.all(['--version', '--help', 'crds'].map((args) => run([process.execPath, bundle, args])))
  const { version: wanted } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
  expect(version).toMatchObject({ code: 0, stdout: `${wanted}\n` })
  expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: tidegate') })
  expect(crds).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/eksnodegroups\.tidegate\.io[\s\S]*targetclusters\.tidegate\.io|targetclusters[\s\S]*eksnodegroups/),
  })
})

/** Within 5 s by its own log: how long a busy machine takes until it hears the signal, or to end a process that is done, is not its own. */
async function expectQuickEnd(operator: Program): Promise<void> {
  const from = systemClock.monotonicMs()
  operator.signalGroup('SIGTERM')
  expect(await operator.ended).toEqual({ code: 0, signal: null })
  expect(saidAtMs(operator, 'stopped') - saidAtMs(operator, 'stopping')).toBeLessThan(5_000)
  expect(systemClock.monotonicMs() - from).toBeLessThan(10_000) // a call to AWS that nobody cuts off lasts 15 s
}

/** When it logged this message. */
function saidAtMs({ stderr }: Program, message: string): number {
  const line = stderr.split('\n').find((one) => one.endsWith(`"msg":"${message}"}`)) ?? '{}'
  return Date.parse((JSON.parse(line) as { readonly time?: string }).time ?? '')
}

/** Names that dashboards and alerts of controller-runtime know. */
const names = [
  'controller_runtime_reconcile_total{controller="eksnodegroup",result="success"}',
  'controller_runtime_reconcile_time_seconds_bucket',
  'controller_runtime_active_workers',
  'workqueue_depth{',
  'workqueue_adds_total{',
  'workqueue_queue_duration_seconds_bucket',
  'rest_client_requests_total{',
  'leader_election_master_status{name="tidegate-operator"} 1',
  'process_resident_memory_bytes',
]

/** The metrics of the operator's page with their labels. */
function documented(): Readonly<Record<string, string>> {
  const page = readFileSync(join(root, 'docs/operator.md'), 'utf8')
  return Object.fromEntries(
    [...page.matchAll(/^\| `([a-z_]+)` \| ([a-z, ]*?) ?\| /gm)].map(([, name = '', labels = '']) => [name, labels.split(', ').toSorted().join(' ')]),
  )
}

/** The metrics that are served with their labels, those of prom-client itself left out. Of one without a sample the page is believed. */
function served(metrics: string): Readonly<Record<string, string>> {
  const all = [...metrics.matchAll(/^# HELP (\w+)/gm)].map(([, name = '']) => name).filter((name) => !/^(?:process|nodejs)_/.test(name))
  return Object.fromEntries(all.map((name) => [name, labelsOf(name, metrics) ?? documented()[name] ?? '']))
}

function labelsOf(name: string, metrics: string): string | undefined {
  const sample = new RegExp(`^${name}(?:_count)?(?:{(.*)})? `, 'm').exec(metrics)
  if (sample === null) return undefined
  return [...(sample[1] ?? '').matchAll(/(\w+)="/g)]
    .map(([, label = '']) => label)
    .toSorted()
    .join(' ')
}

/** Lines that are no log record. */
function brokenLines(log: string): readonly string[] {
  return log.split('\n').filter((line) => {
    if (line === '') return false
    try {
      const { level, time, msg } = JSON.parse(line) as Readonly<Record<string, unknown>>
      return ![level, time, msg].every((field) => typeof field === 'string')
    } catch {
      return true
    }
  })
}

/** A Node of this machine below 24, if there is one. */
async function oldNode(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(folder, 'node')
    const found = await run([node, '--version']).catch(() => undefined)
    if (found !== undefined && Number(/^v(\d+)/.exec(found.stdout)?.[1]) < 24) return node
  }
  return undefined
}
