import { systemClock } from '../../../src/lib/clock.ts'
import { ensureBaselines } from '../baselines.ts'
import type { BenchCase, BenchContext } from '../bench.ts'
import { type Lag, churn, lagOf } from '../churn.ts'
import { churnLog, load, startPlane } from '../cluster.ts'
import { median } from '../figure.ts'
import { type Programs, bundlePrograms } from '../programs.ts'
import { RunningProgram } from '../running-program.ts'

const goName = 'controller-runtime, projected'

interface Run extends Lag {
  readonly cpuSeconds: number
  readonly rssMiB: number
}

export const lagCase: BenchCase = {
  name: 'lag',
  description: 'nodes are patched: how late a handler is told, and what it costs; our informers and the Go cache take turns',
  run: async (context) => {
    const { settings, progress } = context
    const baselines = await ensureBaselines(context)
    const programs = await bundlePrograms(context)
    const plane = await startPlane(context)
    await load(plane, baselines, context)
    await systemClock.sleep(10_000, { signal: context.signal })
    const [ours, theirs]: [Run[], Run[]] = [[], []]
    for (let run = 0; run < (settings.runs ?? 3); run += 1) {
      // who is first changes from run to run
      const order = run % 2 === 0 ? (['go', 'ours'] as const) : (['ours', 'go'] as const)
      for (const who of order) {
        if (who === 'go' && !settings.peers) continue
        const result = await measure(who, programs, () => churn(plane.kubeconfig, baselines, context), {
          ...context,
          kubeconfig: plane.kubeconfig,
          go: baselines('cache'),
        })
        ;(who === 'go' ? theirs : ours).push(result)
        const { fromSent, fromAcknowledged, cpuSeconds, unseen } = result
        progress(
          `run ${run + 1} ${who}: sent → handler p50 ${fromSent.p50.toFixed(1)} p99 ${fromSent.p99.toFixed(1)} ms, after acknowledgement p99 ${fromAcknowledged.p99.toFixed(1)} ms, CPU ${cpuSeconds.toFixed(1)} s, unseen ${unseen}`,
        )
      }
    }
    report(ours, theirs, context)
  },
}

async function measure(
  who: 'go' | 'ours',
  programs: Programs,
  patches: () => ReturnType<typeof churn>,
  { folder, signal, kubeconfig, go }: BenchContext & { readonly kubeconfig: string; readonly go: string },
): Promise<Run> {
  const log = churnLog(folder, who)
  const options = { name: who, folder, signal, env: { ...process.env, CHURN_LOG: log } }
  const program =
    who === 'go'
      ? await RunningProgram.start({ ...options, command: [go, '--config', kubeconfig, '--mode', 'project'] })
      : await RunningProgram.startNode(programs.informers, [kubeconfig], options)
  await program.line(/^SYNCED /m)
  await systemClock.sleep(10_000, { signal })
  const before = await program.sample()
  const sent = await patches()
  await systemClock.sleep(1000, { signal })
  const after = await program.sample()
  await program.end()
  return { ...(await lagOf(sent, log)), cpuSeconds: after.cpuSeconds - before.cpuSeconds, rssMiB: after.rssMiB }
}

function report(ours: readonly Run[], theirs: readonly Run[], { figure, settings }: BenchContext): void {
  const { rate, churnSeconds, nodes, pods } = settings
  const conditions = { rate, churnSeconds, nodes, pods, unseen: ours.reduce((sum, run) => sum + run.unseen, 0) }
  const pair = (value: (run: Run) => number) => ({ values: ours.map(value), peer: { name: goName, values: theirs.map(value) }, conditions })
  figure({ figure: 'sent to handler, p50', unit: 'ms', ...pair((run) => run.fromSent.p50) })
  figure({ figure: 'sent to handler, p99', unit: 'ms', target: '≤ 2 × peer', ...pair((run) => run.fromSent.p99) })
  figure({ figure: 'acknowledged to handler, p99', unit: 'ms', target: 'median ≤ 10', ...pair((run) => run.fromAcknowledged.p99) })
  figure({ figure: 'processor time of the churn', unit: 's', target: '≤ 2 × peer', ...pair((run) => run.cpuSeconds) })
  if (theirs.length === 0) return
  const ratios = ours.map((run, index) => run.fromSent.p99 / (theirs[index]?.fromSent.p99 ?? Number.NaN))
  figure({ figure: 'sent to handler, p99: ratio of each run', unit: 'ratio', target: `≤ 2 (median ${median(ratios).toFixed(2)})`, values: ratios, conditions })
}
