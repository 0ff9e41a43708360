import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ensureAssets } from '../../src/local/assets.ts'
import { assetList } from '../../src/local/asset-list.ts'
import { testFolder } from './support/folder.ts'
import { nodeArgs, Program, root, run } from './support/program.ts'
import { inherited } from './support/trap.ts'

const main = [...nodeArgs, join(root, 'src/cmd/main.ts')]

const subcommands = ['operator', 'control-plane', 'simulator', 'demo', 'crds', 'policies', 'iam-policy'] as const

describe.concurrent('help', () => {
  test('without a subcommand every subcommand is listed, and the exit code is 2', async () => {
    const { code, stderr } = await run(main)
    expect(code).toBe(2)
    expect([...stderr.matchAll(/^ {2}([a-z-]+) .*\b/gm)].map(([, name]) => name)).toEqual(subcommands)
  })

  test.each(subcommands)('%s --help fits 80 columns and shows its flags', async (name) => {
    const { code, stdout, stderr } = await run([...main, name, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^Usage: tidegate ${name} \\[options\\]\\n\\n[A-Z].*`))
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })
})

test('the help of the operator has the defaults of --aws-rate, and its form with a burst', async () => {
  const { stdout } = await run([...main, 'operator', '--help'])
  const help = stdout.replace(/\s+/g, ' ')
  expect(help).toContain('--aws-rate <service=n[:burst]> ')
  expect(help).toContain('(default: autoscaling=10:50, eks=10:50, sts=5:20)')
})

test('iam-policy prints the file of config/iam, and with flags one for a single installation', async () => {
  const { stdout } = await run([...main, 'iam-policy'])
  expect(stdout).toBe(readFileSync(join(root, 'config/iam/policy.json'), 'utf8'))
  const narrow = await run([...main, 'iam-policy', '--region', 'us-west-2', '--account', '111122223333', '--cluster', 'demo'])
  expect(narrow.stdout).toContain('"arn:aws:eks:us-west-2:111122223333:cluster/demo"')
})

/** What was typed wrong, and the one line that it gets. */
const mistakes: Readonly<Record<string, readonly [args: readonly string[], line: RegExp, env?: Readonly<Record<string, string>>]>> = {
  'an unknown subcommand': [['operater'], /unknown command 'operater' \(Did you mean operator\?\)/],
  'an unknown flag': [['operator', '--kubconfig', 'x'], /unknown option '--kubconfig' \(Did you mean --kubeconfig\?\)/],
  'a flag without its value': [['simulator', '--port'], /'--port <port>' argument missing/],
  'an argument too many': [['crds', 'all'], /too many arguments for 'crds'/],
  'a port that is no number': [['operator', '--health-port', 'abc'], /'abc' is invalid: a port is a whole number from 0 \(any free one\) to 65535/],
  'a port out of range': [['simulator', '--port', '65536'], /a port is a whole number/],
  'a port in the environment': [['operator'], /'x' from env 'TIDEGATE_HEALTH_PORT' is invalid/, { TIDEGATE_HEALTH_PORT: 'x' }],
  'a log level that is none': [['operator', '--log-level', 'loud'], /one of trace, debug, info, warn, error, fatal, silent/],
  'a rate without a number': [['operator', '--aws-rate', 'eks'], /SERVICE=CALLS_PER_SECOND\[:BURST\], such as eks=50/],
  'a rate of an unknown service': [['operator', '--aws-rate', 's3=5'], /known: autoscaling, eks, sts/],
  'a rate of nothing': [['operator', '--kube-qps', '0'], /--kube-qps is a number above 0/],
  'half an object at once': [['operator', '--concurrency', '2.5'], /--concurrency is a whole number from 1 to 1000/],
  'a role that is no role': [['iam-policy', '--pass-role', 'demo-node'], /a role is arn:aws:iam::111122223333:role\/NAME/],
  'roles of two partitions': [
    ['iam-policy', '--pass-role', 'arn:aws-cn:iam::111122223333:role/a', '--pass-role', 'arn:aws:iam::111122223333:role/b'],
    /one policy is for one partition: --pass-role arn:aws-cn:\S+ is of aws-cn/,
  ],
  'a role to assume that is no role': [
    ['iam-policy', '--target-role', 'tidegate/*'],
    /a role is arn:aws:iam::111122223333:role\/NAME; \* stands for any account/,
  ],
  'an account that is none': [['iam-policy', '--account', 'demo'], /an account has 12 digits/],
  'a region that is none': [['iam-policy', '--region', '*'], /a region looks like us-west-2/],
  'a cluster that is none': [['iam-policy', '--cluster', 'a/b'], /the name of an EKS cluster begins with a letter or digit/],
  'two clusters': [['iam-policy', '--cluster', 'a', '--cluster', 'b'], /a was given before, and it is given once/],
  'policies for nobody': [['policies', '--operator', ''], /a user is the name that kubectl auth whoami tells: it is not empty/],
  'a namespace that is none': [['operator', '--namespace', 'Bad_Name'], /'Bad_Name' is invalid: a namespace is at most 63 small letters, digits and -/],
  'a namespace of the environment': [['operator'], /'' from env 'POD_NAMESPACE' is invalid/, { POD_NAMESPACE: '' }],
  'a context without its file': [['operator', '--context', 'x'], /--context x is of no use alone: give --kubeconfig too/],
  'a context of the demo without its file': [['demo', '--context', 'x'], /--context x is of no use alone: give --kubeconfig too/],
  'a speed below zero': [['simulator', '--speed', '-1'], /--speed is a number above 0/],
  'a seed that is no number': [['simulator', '--seed', 'x'], /--seed is a whole number/],
  'one cluster twice': [['simulator', '--kubeconfig', 'demo=a', '--kubeconfig', 'demo=b'], /cluster demo was given twice/],
  'a scenario that is not there': [['simulator', '--scenario', '/nowhere.yaml'], /\/nowhere\.yaml/],
  'a kubeconfig that is not there': [['operator', '--kubeconfig', '/nowhere'], /kubeconfig \/nowhere: there is no such file/],
  'a kubeconfig of the environment that is not there': [['operator'], /kubeconfig \/nowhere: there is no such file/, { KUBECONFIG: '/nowhere' }],
  'a kubeconfig that is a folder': [['operator', '--kubeconfig', '/'], /kubeconfig \/: it is a folder/],
  'a kubeconfig that is no YAML': [['operator', '--kubeconfig', 'FOLDER/broken'], /broken: the kubeconfig is not valid YAML/],
  'an empty kubeconfig': [['operator', '--kubeconfig', 'FOLDER/empty'], /empty: current-context is missing/],
  'a context that is not there': [['operator', '--kubeconfig', 'FOLDER/good', '--context', 'other'], /good: .*"?other"?/],
  'no kubeconfig outside of a pod': [['operator'], /not in a pod: .*; name a kubeconfig/],
  'a kubeconfig of the simulator that is not there': [['simulator', '--kubeconfig', 'demo=/nowhere'], /kubeconfig \/nowhere: there is no such file/],
  'a kubeconfig of the demo that is not there': [['demo', '--kubeconfig', '/nowhere'], /kubeconfig \/nowhere: there is no such file/],
}

describe.concurrent('a mistake gets one line and exit code 2', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidegate-e2e-'))
    await writeFile(join(folder, 'broken'), '{{{')
    await writeFile(join(folder, 'empty'), '{}')
    await writeFile(join(folder, 'good'), JSON.stringify({ 'current-context': 'a', contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }] }))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each(Object.entries(mistakes))('%s', async (_, [args, line, env = {}]) => {
    const given = args.map((arg) => arg.replace('FOLDER', folder))
    const { code, stdout, stderr } = await run([...main, ...given], { env: { ...inherited(), ...env } })
    expect(stderr).toMatch(line)
    expect(stderr).toMatch(/^tidegate: [^\n]*\n$/)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

/** A port of 127.0.0.1 that somebody listens on while the test runs. */
async function takenPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** A kubeconfig that is in order, of a cluster that is not there. */
async function deadCluster(): Promise<string> {
  const kubeconfig = join(testFolder(), 'kubeconfig')
  const cluster = { name: 'a', cluster: { server: 'https://127.0.0.1:1' } }
  const context = { name: 'a', context: { cluster: 'a', user: 'a' } }
  await writeFile(kubeconfig, JSON.stringify({ 'current-context': 'a', clusters: [cluster], contexts: [context], users: [{ name: 'a', user: {} }] }))
  return kubeconfig
}

test('a simulator whose port is taken says so in one line', async () => {
  const port = await takenPort()
  const { code, stderr } = await run([...main, 'simulator', '--port', String(port)])
  expect({ code, stderr }).toEqual({ code: 2, stderr: `tidegate: port ${port} on 127.0.0.1 is taken: give another one with --port\n` })
})

test('an operator whose health port is taken says so in one line', async () => {
  const port = await takenPort()
  const kubeconfig = await deadCluster()
  const flags = ['--kubeconfig', kubeconfig, '--health-host', '127.0.0.1', '--health-port', String(port)]
  const { code, stderr } = await run([...main, 'operator', ...flags], { env: inherited() })
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `tidegate: port ${port} on 127.0.0.1 is taken by another process: stop it, or choose another port\n`,
  })
})

test('a demo on a cluster that does not answer says so in one line', async () => {
  const { code, stderr } = await run([...main, 'demo', '--yes', '--kubeconfig', await deadCluster()], { env: inherited() })
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^tidegate: the cluster at https:\/\/127\.0\.0\.1:1\/ cannot be used: .*ECONNREFUSED[^\n]*\n$/),
  })
})

test('by npm the simulator says that it is ready and with which ids, and ends on SIGTERM', async () => {
  const program = new Program(['npm', 'run', '-s', 'tidegate', '--', 'simulator', '--log-level', 'warn'], { env: inherited() })
  const [first, url = ''] = await program.says(/^simulator ready on (http:\/\/127\.0\.0\.1:\d+)\n/)
  expect(program.stdout.startsWith(first)).toBe(true)
  await program.says(/subnet subnet-0a1b2c3d4e5f60001 in us-west-2a[\s\S]*role arn:aws:iam::111122223333:role\/demo-node[\s\S]*no Node joins/)
  expect((await fetch(`${url}/_simulator/scenario`)).status).toBe(200)
  program.signalGroup('SIGTERM')
  expect(await program.ended).toEqual({ code: 0, signal: null })
  expect(program.stderr.replace(/^npm warn .*\n/gm, '')).toBe('')
})

test('what crds prints is cut off by a reader that has seen enough, without a crash', async () => {
  const { code, stdout, stderr } = await run(['bash', '-c', `set -o pipefail; ${main.join(' ')} crds | head -n 1`])
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'apiVersion: apiextensions.k8s.io/v1\n', stderr: '' })
})

describe('what stands in the way of a control plane is one line with the remedy', () => {
  let assets = ''
  beforeAll(async () => {
    assets = (await ensureAssets()).folder
  })

  test('nothing is built and there is no Go', async () => {
    const env = { HOME: testFolder(), XDG_CACHE_HOME: testFolder(), PATH: testFolder() }
    for (const subcommand of ['control-plane', 'demo']) {
      const { code, stdout, stderr } = await run([...main, subcommand], { env })
      expect(stderr).toMatch(
        /^tidegate: Go [\d.]+ or newer builds the local control plane, and there is no go in PATH: install it from https:\/\/go\.dev\/dl.*\n$/,
      )
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    }
  })

  test('a binary of the cache is broken and there is no Go to build it again', async () => {
    const cache = testFolder()
    const folder = join(cache, 'tidegate/control-plane', basename(assets))
    await mkdir(folder, { recursive: true })
    for (const name of readdirSync(assets)) if (name !== 'etcd') await symlink(join(assets, name), join(folder, name))
    await writeFile(join(folder, 'etcd'), 'the disk was full')
    const { code, stderr } = await run([...main, 'control-plane'], { env: { HOME: cache, XDG_CACHE_HOME: cache, PATH: cache } })
    expect(stderr).toMatch(/^the built control plane in \S+ is damaged \(etcd is truncated\): building it again\ntidegate: Go [^\n]*no go in PATH[^\n]*\n$/)
    expect(code).toBe(1)
  })

  test('KUBEBUILDER_ASSETS holds a program that does not run', async () => {
    const folder = testFolder()
    for (const { name } of assetList) if (name !== 'kwok') await symlink(join(assets, name), join(folder, name))
    await writeFile(join(folder, 'kwok'), 'not a program')
    await chmod(join(folder, 'kwok'), 0o755)
    const { code, stderr } = await run([...main, 'control-plane'], { env: { ...inherited(), KUBEBUILDER_ASSETS: folder } })
    expect(stderr).toMatch(/^tidegate: KUBEBUILDER_ASSETS: \S+kwok does not run here \(it is damaged or made for another machine\): replace it[^\n]*\n$/)
    expect(code).toBe(1)
  })
})
