import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { systemClock } from '../../../src/lib/clock.ts'
import { systemRandom } from '../../../src/lib/random.ts'
import type { ControlPlane } from '../../../src/local/control-plane.ts'
import { type Baselines, ensureBaselines } from '../baselines.ts'
import type { BenchCase, BenchContext } from '../bench.ts'
import { startPlane } from '../cluster.ts'
import { type OperatorWorld, createOperatorWorld } from '../operator-world.ts'
import { bundlePrograms } from '../programs.ts'

const leading = /"time":"([^"]+)".*"msg":"leading"/

export const leaderCase: BenchCase = {
  name: 'leader',
  description: 'the leader is killed, or stopped: until the standby works',
  run: async (context) => {
    const { settings, figure, progress } = context
    const n = settings.runs ?? 10
    const baselines = settings.peers ? await ensureBaselines(context) : undefined
    const programs = await bundlePrograms(context)
    const plane = await startPlane(context)
    const world = await createOperatorWorld(plane, programs, context)
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      progress(`${signal}: ${n} pairs of ours`)
      const ours = await Promise.all(Array.from({ length: n }, async (_, pair) => await failover(world, signal, pair, context)))
      progress(`${signal}: ${n} pairs of Go's`)
      const theirs = baselines === undefined ? [] : await goFailovers(plane, baselines, signal, n, context)
      figure({
        figure: `${signal} to the next leader at work`,
        unit: 's',
        values: ours,
        target: 'median ≤ 1.1 × peer',
        peer: { name: signal === 'SIGKILL' ? 'controller-runtime' : 'controller-runtime with release on cancel', values: theirs },
        conditions: { pairs: 'at once, 300 ms apart', standby: '6 to 10 s old, with its caches' },
      })
    }
  },
}

/** One pair of operators with a Lease of their own. Seconds from the signal to the other one's first act as leader. */
async function failover(world: OperatorWorld, signal: 'SIGKILL' | 'SIGTERM', pair: number, context: BenchContext): Promise<number> {
  const namespace = `pair-${signal.toLowerCase()}-${pair}`
  const sleep = async (ms: number): Promise<void> => await systemClock.sleep(ms, { signal: context.signal })
  await sleep(pair * 300)
  await world.kubectl('create', 'namespace', namespace)
  const first = await world.startOperator({ namespace })
  await first.line(leading)
  const second = await world.startOperator({ namespace })
  await sleep(6000 + systemRandom.next() * 4000)
  const at = systemClock.now().getTime()
  first.send(signal)
  const [, time = ''] = await second.line(leading)
  await Promise.all([first.end('SIGKILL'), second.end('SIGKILL')])
  return (Date.parse(time) - at) / 1000
}

async function goFailovers(plane: ControlPlane, baselines: Baselines, signal: string, n: number, context: BenchContext): Promise<readonly number[]> {
  const how = signal === 'SIGKILL' ? ['-signal', 'KILL'] : ['-signal', 'TERM', '-release']
  const args = ['-config', plane.kubeconfig, 'bench', '-n', String(n), ...how]
  const { stdout } = await promisify(execFile)(baselines('leader'), args, { signal: context.signal })
  const [, all = ''] = /all=\[([\d. ]+)\]/.exec(stdout) ?? []
  return all.split(' ').map(Number)
}
