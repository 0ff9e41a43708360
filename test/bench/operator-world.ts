import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemRandom } from '../../src/lib/random.ts'
import type { ControlPlane } from '../../src/local/control-plane.ts'
import { freePorts } from '../../src/local/ports.ts'
import { simulatedAwsEnvironment } from '../../src/local/simulated-aws-environment.ts'
import type { BenchContext } from './bench.ts'
import { installTidegate, kubectlOf } from './cluster.ts'
import type { Programs } from './programs.ts'
import { RunningProgram } from './running-program.ts'

/** A cluster with our kinds, a simulated AWS, and what it takes to start operators. */
export interface OperatorWorld {
  /** Where the simulated AWS answers. */
  readonly endpoint: string
  readonly kubectl: (...args: readonly string[]) => Promise<string>
  /** Makes the TargetCluster anew, without a status, and the groups that are asked for. */
  readonly applyObjects: (options: { readonly groups: boolean }) => Promise<void>
  readonly startOperator: (options?: OperatorOptions) => Promise<RunningOperator>
}

interface OperatorOptions {
  readonly withProbe?: boolean
  readonly namespace?: string
  /** Of the operator itself, such as `--aws-rate`. */
  readonly flags?: readonly string[]
}

interface WorldOptions {
  /** A scenario of the simulated AWS, as text; default: the built-in one. */
  readonly scenario?: string
  /** Whether its instances join the cluster as Nodes, which needs kwok there. Default false. */
  readonly joins?: boolean
}

export interface RunningOperator extends RunningProgram {
  /** A sample of Prometheus' text, 0 when there is none such yet. */
  readonly metric: (pattern: RegExp) => Promise<number>
}

export async function createOperatorWorld(
  plane: ControlPlane,
  programs: Programs,
  context: BenchContext,
  { scenario, joins = false }: WorldOptions = {},
): Promise<OperatorWorld> {
  const { folder, signal, defer, settings } = context
  await installTidegate(plane, context)
  const kubectl = kubectlOf(plane, signal)
  const ofScenario = join(folder, 'scenario.yaml')
  if (scenario !== undefined) await writeFile(ofScenario, scenario)
  const flags = [...(scenario === undefined ? [] : ['--scenario', ofScenario]), ...(joins ? ['--kubeconfig', plane.kubeconfig] : [])]
  const simulator = await RunningProgram.startNode(programs.tidegate, ['simulator', ...flags], { name: 'simulator', folder, signal })
  defer(async () => await simulator.end())
  const [, endpoint = ''] = await simulator.line(/simulator ready on (\S+)/)
  const env = simulatedAwsEnvironment(process.env, { endpoint, account: '111122223333' })
  return {
    endpoint,
    kubectl,
    applyObjects: async ({ groups }) => {
      const files = ['00-namespace', '10-target-cluster', ...(groups ? ['20-workers', '21-batch'] : [])].map((name) => `examples/accepted/${name}.yaml`)
      await kubectl('apply', '--server-side', ...files.flatMap((file) => ['-f', file]))
    },
    startOperator: async ({ withProbe = false, namespace = 'tidegate-system', flags: more = [] } = {}) => {
      const [port = 0] = await freePorts(1, systemRandom)
      const where = ['--kubeconfig', plane.kubeconfig, '--namespace', namespace, '--health-host', '127.0.0.1', '--health-port', String(port)]
      const script = withProbe ? programs.tidegateWithProbe : programs.tidegate
      const profile = settings.cpuProfile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${settings.cpuProfile}`]
      const program = await RunningProgram.startNode(script, ['operator', ...where, ...more], { name: 'operator', folder, signal, env, flags: profile })
      defer(async () => await program.end('SIGKILL'))
      return Object.assign(program, { metric: async (pattern: RegExp) => await scrape(port, pattern) })
    },
  }
}

async function scrape(port: number, pattern: RegExp): Promise<number> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
    return Number(pattern.exec(await answer.text())?.[1] ?? 0)
  } catch {
    return 0 // not open yet
  }
}
