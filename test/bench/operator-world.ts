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
  readonly kubectl: (...args: readonly string[]) => Promise<string>
  /** Makes the TargetCluster anew, without a status, and the groups that are asked for. */
  readonly applyObjects: (options: { readonly groups: boolean }) => Promise<void>
  readonly startOperator: (options?: { readonly withProbe?: boolean; readonly namespace?: string }) => Promise<RunningOperator>
}

export interface RunningOperator extends RunningProgram {
  /** A sample of Prometheus' text, 0 when there is none such yet. */
  readonly metric: (pattern: RegExp) => Promise<number>
}

export async function createOperatorWorld(plane: ControlPlane, programs: Programs, context: BenchContext): Promise<OperatorWorld> {
  const { folder, signal, defer } = context
  await installTidegate(plane, context)
  const kubectl = kubectlOf(plane, signal)
  const simulator = await RunningProgram.startNode(programs.tidegate, ['simulator'], { name: 'simulator', folder, signal })
  defer(async () => await simulator.end())
  const [, endpoint = ''] = await simulator.line(/simulator ready on (\S+)/)
  const env = simulatedAwsEnvironment(process.env, { endpoint, account: '111122223333' })
  return {
    kubectl,
    applyObjects: async ({ groups }) => {
      const files = ['00-namespace', '10-target-cluster', ...(groups ? ['20-workers', '21-batch'] : [])].map((name) => `examples/accepted/${name}.yaml`)
      await kubectl('apply', '--server-side', ...files.flatMap((file) => ['-f', file]))
    },
    startOperator: async ({ withProbe = false, namespace = 'tidegate-system' } = {}) => {
      const [port = 0] = await freePorts(1, systemRandom)
      const where = ['--kubeconfig', plane.kubeconfig, '--namespace', namespace, '--health-host', '127.0.0.1', '--health-port', String(port)]
      const script = withProbe ? programs.tidegateWithProbe : programs.tidegate
      const program = await RunningProgram.startNode(script, ['operator', ...where], { name: 'operator', folder, signal, env })
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
