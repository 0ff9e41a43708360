import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../../scripts/bundle.ts'
import { type ClusterAccess, loadKubeConfig } from '../../src/kube/cluster-access.ts'
import type { OutsideWrite } from '../../src/lib/outside-write.ts'
import { Child } from '../../src/local/child.ts'
import { childEnvironment } from '../../src/local/environment.ts'
import { simulatedAwsEnvironment } from '../../src/local/simulated-aws-environment.ts'
import { findSources } from '../../src/local/sources.ts'
import { FaultProxy, type ProxiedRequest } from './fault-proxy.ts'
import { type About, type KillPoint, type Mortal, fits } from './killable-operator.ts'
import { account } from './simulator.ts'
import { awsWrite, kubeWrite } from './wire-write.ts'

interface Wire {
  readonly proxy: FaultProxy
  readonly writeOf: (request: ProxiedRequest) => OutsideWrite | undefined
}

/**
 * The operator as it is shipped, a bundle in a process of its own, that dies by SIGKILL at an exact write on the wire. What reaches the API server and
 * AWS passes two proxies, which tell when; nothing that it asks after its death arrives.
 */
export class KillableProcess implements Mortal {
  readonly #folder: string
  readonly #wires: readonly Wire[]
  readonly #env: Readonly<Record<string, string>>
  #child: Child | undefined
  #disarm: (() => void)[] = []

  private constructor(folder: string, wires: readonly Wire[], env: Readonly<Record<string, string>>) {
    this.#folder = folder
    this.#wires = wires
    this.#env = env
  }

  /** Bundles the program. `kubeconfig` is a path; it must hold a token, which passes the proxy. */
  static async build({ kubeconfig, cloudUrl }: { readonly kubeconfig: string; readonly cloudUrl: string }): Promise<KillableProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'tidegate-killed-'))
    await bundle({ entryPoints: { main: 'src/cmd/main.ts' }, outdir: join(folder, 'bundle') })
    await writeFile(join(folder, 'package.json'), '{"version":"0.0.0-test","type":"module"}\n')
    const kube = await FaultProxy.start(await loadKubeConfig({ path: kubeconfig }))
    const aws = await FaultProxy.start(plain(cloudUrl))
    const text = JSON.parse(await readFile(kubeconfig, 'utf8')) as { readonly clusters: readonly { readonly name: string }[] }
    const clusters = text.clusters.map(({ name }) => ({ name, cluster: { server: kube.access.server.href } }))
    await writeFile(join(folder, 'kubeconfig'), JSON.stringify({ ...text, clusters }))
    const env = simulatedAwsEnvironment(childEnvironment(process.env, folder), { endpoint: aws.access.server.origin, account })
    const wires = [
      { proxy: kube, writeOf: kubeWrite },
      { proxy: aws, writeOf: awsWrite },
    ]
    return new KillableProcess(folder, wires, env)
  }

  /** Leads without a Lease: a killed leader's would hold up the next one, which the story of two leaders shows. */
  async start(): Promise<void> {
    this.disarm()
    const where = ['--kubeconfig', join(this.#folder, 'kubeconfig'), '--no-leader-elect', '--health-host', '127.0.0.1', '--health-port', '0']
    const args = [join(this.#folder, 'bundle/main.mjs'), 'operator', ...where, '--log-level', process.env['TIDEGATE_TEST_LOG'] ?? 'warn']
    const logFile = join(this.#folder, 'operator.log')
    const options = { name: 'operator', command: process.execPath, args, env: this.#env, cwd: this.#folder, sources: findSources(), logFile }
    this.#child = await Child.start(options)
  }

  /** As `KillableOperator.arm`. */
  arm(about: About, point?: KillPoint): { readonly writes: readonly OutsideWrite[]; readonly struck: Promise<OutsideWrite> } {
    this.disarm()
    const writes: OutsideWrite[] = []
    const struck = Promise.withResolvers<OutsideWrite>()
    const strike = (write: OutsideWrite): void => {
      for (const { proxy } of this.#wires) this.#disarm.push(proxy.rule({ match: () => true, fault: { silence: true } }))
      struck.resolve(write)
    }
    for (const { proxy, writeOf } of this.#wires) {
      const isPoint = (request: ProxiedRequest): boolean => {
        const write = writeOf(request)
        if (write === undefined || !fits(about, write)) return false
        writes.push(write)
        if (writes.length !== point?.at) return false
        if (point.when === 'before') strike(write)
        return true
      }
      const swallow = (): void => {
        const write = writes[(point?.at ?? 0) - 1]
        if (write !== undefined) strike(write)
      }
      this.#disarm.push(proxy.rule({ match: isPoint, fault: point?.when === 'after' ? { swallow } : { silence: true } }))
    }
    return { writes, struck: struck.promise }
  }

  disarm(): void {
    for (const lift of this.#disarm.splice(0)) lift()
  }

  /** Throws when it had ended by itself. */
  async kill(): Promise<void> {
    const child = this.#child
    await child?.end('SIGKILL')
    const end = await child?.ended
    // 128 + 9: how a shell tells of SIGKILL
    if (end?.code !== 137) throw new Error(`the operator had ended by itself: ${(await child?.lastLines(5))?.join('\n') ?? 'it never started'}`)
  }

  async stop(): Promise<void> {
    this.disarm()
    await this.#child?.end()
    for (const { proxy } of this.#wires) await proxy.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The simulated AWS behind the proxy: plain HTTP, and nobody looks at who we are. */
function plain(url: string): ClusterAccess {
  return {
    context: 'aws',
    server: new URL(url),
    tls: async () => await Promise.resolve({ rejectUnauthorized: false }),
    headers: async () => await Promise.resolve({}),
    forget: () => undefined,
  }
}
