import { systemClock } from '../../../src/lib/clock.ts'
import type { ControlPlane } from '../../../src/local/control-plane.ts'
import { type Baselines, ensureBaselines } from '../baselines.ts'
import type { BenchCase, BenchContext } from '../bench.ts'
import { churn } from '../churn.ts'
import { load, startPlane } from '../cluster.ts'
import { type OperatorWorld, createOperatorWorld } from '../operator-world.ts'
import { type Programs, bundlePrograms } from '../programs.ts'
import { RunningProgram } from '../running-program.ts'

/** What one program came to in one run. */
interface Run {
  readonly syncSeconds: number
  readonly settledMiB: number
  readonly peakMiB: number
  readonly churnedMiB?: number
  readonly stall?: { readonly ms: number; readonly cpuMs: number }
}

interface Bed {
  readonly context: BenchContext
  readonly plane: ControlPlane
  readonly baselines: Baselines
  readonly programs: Programs
  readonly world: OperatorWorld
}

const goModes = ['default', 'project'] as const

export const cacheCase: BenchCase = {
  name: 'cache',
  description: 'many nodes and pods: memory per object, memory of the whole operator, time to sync, longest stall',
  run: async (context) => {
    const { settings, signal } = context
    const baselines = await ensureBaselines(context)
    const programs = await bundlePrograms(context)
    const plane = await startPlane(context)
    await load(plane, baselines, context)
    const bed: Bed = { context, plane, baselines, programs, world: await createOperatorWorld(plane, programs, context) }
    await bed.world.applyObjects({ groups: true })
    await systemClock.sleep(10_000, { signal })
    const runs = settings.runs ?? 3
    await heapPerObject(bed, runs)
    const all: Record<'operator' | 'informers' | (typeof goModes)[number], Run[]> = { operator: [], informers: [], default: [], project: [] }
    for (let run = 0; run < runs; run += 1) {
      const churned = run === runs - 1
      all.operator.push(await measureOperator(bed, churned))
      all.informers.push(await measureCache('informers', bed, churned))
      for (const mode of settings.peers ? goModes : []) all[mode].push(await measureCache(mode, bed, churned))
    }
    report(all, context)
  },
}

async function heapPerObject({ context, plane, programs }: Bed, runs: number): Promise<void> {
  const { folder, signal, settings, figure, progress } = context
  const [perNode, perPod]: [number[], number[]] = [[], []]
  for (let run = 0; run < runs; run += 1) {
    const program = await RunningProgram.startNode(programs.informers, [plane.kubeconfig, 'heap'], { name: 'heap', folder, signal })
    const bytes = async (what: string): Promise<number> => Number((await program.line(new RegExp(`^HEAP ${what} (\\d+)$`, 'm')))[1])
    const [nothing, nodes, pods] = [await bytes('nothing'), await bytes('nodes'), await bytes('pods')]
    perNode.push((nodes - nothing) / settings.nodes)
    perPod.push((pods - nodes) / settings.pods)
    progress(`heap: ${perNode.at(-1)?.toFixed(0)} bytes a node, ${perPod.at(-1)?.toFixed(0)} bytes a pod`)
    await program.end()
  }
  const conditions = { nodes: settings.nodes, pods: settings.pods, how: 'heapUsed after two full collections, projection and one index' }
  figure({ figure: 'heap per node', unit: 'bytes', values: perNode, target: '< 4096', conditions })
  figure({ figure: 'heap per pod', unit: 'bytes', values: perPod, target: '< 1024', conditions })
}

/** The operator as it is shipped, from its start to after the churn. */
async function measureOperator(bed: Bed, churned: boolean): Promise<Run> {
  const { context, world } = bed
  const { settings, signal, progress } = context
  const operator = await world.startOperator({ withProbe: true })
  const objects = async (resource: string) => await operator.metric(new RegExp(`^informer_objects\\{resource="${resource}",cluster="demo"\\} (\\d+)`, 'm'))
  while ((await objects('nodes')) < settings.nodes || (await objects('pods')) < settings.pods) await systemClock.sleep(20, { signal })
  const syncSeconds = (systemClock.now().getTime() - operator.startedAtMs) / 1000
  const rest = await restAndChurn(operator, bed, churned)
  operator.send('SIGUSR2')
  const [, probe = '{}'] = await operator.line(/^PROBE (.*)$/m)
  const { stall } = JSON.parse(probe) as Pick<Required<Run>, 'stall'>
  progress(`operator: synced ${syncSeconds.toFixed(2)} s, ${said({ ...rest, stall })}`)
  await operator.end()
  return { syncSeconds, stall, ...rest }
}

async function measureCache(who: 'informers' | (typeof goModes)[number], bed: Bed, churned: boolean): Promise<Run> {
  const { context, plane, programs, baselines } = bed
  const { folder, signal, progress } = context
  const program =
    who === 'informers'
      ? await RunningProgram.startNode(programs.informers, [plane.kubeconfig], { name: who, folder, signal })
      : await RunningProgram.start({ name: `go-${who}`, folder, signal, command: [baselines('cache'), '--config', plane.kubeconfig, '--mode', who] })
  const [line, at] = await program.line(/^SYNCED (\d+) .*$/m)
  const syncSeconds = (Number(at) / 1e6 - program.startedAtMs) / 1000
  const found = /stall_ms=([\d.]+) stall_cpu_ms=([\d.]+)/.exec(line)
  const stall = found === null ? {} : { stall: { ms: Number(found[1]), cpuMs: Number(found[2]) } }
  const rest = await restAndChurn(program, bed, churned)
  progress(`${program.name}: synced ${syncSeconds.toFixed(2)} s, ${said({ ...rest, ...stall })}`)
  await program.end()
  return { syncSeconds, ...stall, ...rest }
}

async function restAndChurn(program: RunningProgram, { context, plane, baselines }: Bed, churned: boolean): Promise<Omit<Run, 'syncSeconds' | 'stall'>> {
  const { settings, signal } = context
  await systemClock.sleep(settings.settleSeconds * 1000, { signal })
  const { rssMiB: settledMiB, peakMiB } = await program.sample()
  if (!churned) return { settledMiB, peakMiB }
  await churn(plane.kubeconfig, baselines, context)
  await systemClock.sleep(1000, { signal })
  const after = await program.sample()
  return { settledMiB, peakMiB: after.peakMiB, churnedMiB: after.rssMiB }
}

function said({ settledMiB, peakMiB, churnedMiB, stall }: Omit<Run, 'syncSeconds'>): string {
  return [
    `${settledMiB.toFixed(0)} MiB settled`,
    ...(churnedMiB === undefined ? [] : [`${churnedMiB.toFixed(0)} MiB after the churn`]),
    `peak ${peakMiB.toFixed(0)} MiB`,
    ...(stall === undefined ? [] : [`longest stall ${stall.ms.toFixed(0)} ms (${stall.cpuMs.toFixed(0)} ms of it at work)`]),
  ].join(', ')
}

function report(all: Readonly<Record<'operator' | 'informers' | (typeof goModes)[number], readonly Run[]>>, { figure, settings }: BenchContext): void {
  const { nodes, pods, settleSeconds, churnSeconds, rate } = settings
  const conditions = { nodes, pods, settleSeconds, churnSeconds, rate }
  const some = (runs: readonly Run[], value: (run: Run) => number | undefined): number[] => runs.map(value).filter((one) => one !== undefined)
  for (const [mode, name] of [
    ['default', 'controller-runtime'],
    ['project', 'controller-runtime, projected'],
  ] as const) {
    const pair = (who: 'operator' | 'informers', value: (run: Run) => number | undefined) => {
      return { values: some(all[who], value), peer: { name, values: some(all[mode], value) }, conditions }
    }
    figure({ figure: 'RSS of the operator, settled', unit: 'MiB', target: '< 220', ...pair('operator', (run) => run.settledMiB) })
    figure({ figure: 'RSS of the operator after churn', unit: 'MiB', target: '< 220', ...pair('operator', (run) => run.churnedMiB) })
    figure({ figure: 'peak RSS of the operator', unit: 'MiB', ...pair('operator', (run) => run.peakMiB) })
    figure({ figure: 'operator started to synced', unit: 's', target: '< 5', ...pair('operator', (run) => run.syncSeconds) })
    figure({ figure: 'informers alone, started to synced', unit: 's', target: '< 5', ...pair('informers', (run) => run.syncSeconds) })
    figure({ figure: 'RSS of informers alone, settled', unit: 'MiB', ...pair('informers', (run) => run.settledMiB) })
  }
  for (const [who, what] of [
    ['operator', 'the operator, start to end'],
    ['informers', 'informers alone, start to synced'],
  ] as const) {
    figure({ figure: `longest event-loop stall of ${what}`, unit: 'ms', target: '< 100', values: some(all[who], ({ stall }) => stall?.ms), conditions })
    const work = some(all[who], ({ stall }) => stall?.cpuMs)
    figure({ figure: `processor time in the longest stall of ${what}`, unit: 'ms', values: work, conditions })
  }
}
