import { systemClock } from '../../../src/lib/clock.ts'
import type { BenchCase, BenchContext } from '../bench.ts'
import { DrainedCluster, type FullNodes } from '../drained-cluster.ts'
import { quantile } from '../figure.ts'
import { type Programs, bundlePrograms } from '../programs.ts'
import { RunningProgram } from '../running-program.ts'

const shape = { nodes: 50, podsPerNode: 15 }
const kubectls = 10
const limitPerSecond = 20

/** What the program of ours says. Times in milliseconds from the begin. */
interface Drained {
  readonly seconds: number
  readonly passes: number
  readonly cpuSeconds: number
  readonly isolatedAt: readonly number[]
  readonly evictedAt: readonly number[]
}

interface Ours extends Drained {
  /** Until each of as many patches, sent bare and at once right before, was answered. Milliseconds. */
  readonly patchedAt: readonly number[]
  /** As the API server counted them. */
  readonly evictions: number
  readonly otherEvictions: number
  readonly deletions: number
}

export const drainCase: BenchCase = {
  name: 'drain',
  description: '50 nodes with 15 pods each, beside ten kubectl drain; and with a limit of 20 evictions a second',
  run: async (context) => {
    const { settings, progress } = context
    const programs = await bundlePrograms(context)
    const cluster = await DrainedCluster.start(context)
    const [ours, theirs]: [Ours[], number[]] = [[], []]
    for (let run = 0; run < (settings.runs ?? 3); run += 1) {
      // both are there before the first is drained, so that they are drained one right after the other; who is first changes from run to run
      const both = [await cluster.fullNodes(shape), ...(settings.peers ? [await cluster.fullNodes(shape)] : [])]
      const order = run % 2 === 0 ? (['ours', 'kubectl'] as const) : (['kubectl', 'ours'] as const)
      for (const who of settings.peers ? order : (['ours'] as const)) {
        const full = both[who === 'ours' ? 0 : 1]
        if (full === undefined) continue
        if (who === 'ours') ours.push(await drainByService(cluster, full, 1000, programs, context))
        else theirs.push(await drainByKubectl(cluster, full, context))
      }
      for (const full of both) await full.remove()
    }
    progress('with a limit')
    const full = await cluster.fullNodes(shape)
    const limited = await drainByService(cluster, full, limitPerSecond, programs, context)
    report(ours, theirs, limited, context)
  },
}

async function drainByService(cluster: DrainedCluster, full: FullNodes, perSecond: number, programs: Programs, context: BenchContext): Promise<Ours> {
  const { folder, signal, progress } = context
  const patchedAt = await patchBare(cluster, full, programs, context)
  const args = [cluster.plane.kubeconfig, full.group, String(perSecond)]
  const program = await RunningProgram.startNode(programs.drain, args, { name: 'drain', folder, signal })
  await program.line(new RegExp(`^SYNCED nodes=${shape.nodes} pods=${shape.nodes * shape.podsPerNode}$`, 'm'))
  await systemClock.sleep(3000, { signal })
  program.send('SIGUSR2')
  const [, said = ''] = await program.line(/^DRAINED (.*)$/m, 300_000)
  await program.end()
  await demandEmpty(cluster, full)
  const drained = JSON.parse(said) as Drained
  const writes = await cluster.writes(full.group, 'tidegate-bench')
  const sum = (pattern: RegExp): number => [...writes].reduce((all, [what, count]) => (pattern.test(what) ? all + count : all), 0)
  const evictions = sum(/^create pods\/eviction 201$/)
  const result = { ...drained, patchedAt, evictions, otherEvictions: sum(/^create pods\/eviction/) - evictions, deletions: sum(/^delete pods/) }
  const [p50, bare] = [half(drained.isolatedAt), half(patchedAt)]
  const isolation = `isolation p50 ${p50.toFixed(0)} ms, bare patches ${bare.toFixed(0)} ms`
  progress(`ours: ${drained.seconds.toFixed(2)} s, ${isolation}, ${drained.passes} passes, ${JSON.stringify(Object.fromEntries(writes))}`)
  return result
}

/** What the API server and the machine take for as many patches at once, whoever sends them. */
async function patchBare(cluster: DrainedCluster, full: FullNodes, programs: Programs, { folder, signal }: BenchContext): Promise<readonly number[]> {
  const program = await RunningProgram.startNode(programs.patches, [cluster.plane.kubeconfig, full.group], { name: 'patches', folder, signal })
  await program.line(new RegExp(`^SYNCED nodes=${shape.nodes}$`, 'm'))
  await systemClock.sleep(3000, { signal })
  program.send('SIGUSR2')
  const [, said = ''] = await program.line(/^PATCHED (.*)$/m)
  await program.end()
  return JSON.parse(said) as readonly number[]
}

/** Ten at once, five nodes each, as their own help says it for what Tidegate does by default. Seconds from the first start to the last end. */
async function drainByKubectl(cluster: DrainedCluster, full: FullNodes, { progress, signal }: BenchContext): Promise<number> {
  await systemClock.sleep(3000, { signal })
  const started = systemClock.monotonicMs()
  const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--timeout=300s']
  await Promise.all(
    Array.from({ length: kubectls }, async (_, one) => {
      const mine = full.names.filter((__, n) => n % kubectls === one)
      return await cluster.kubectl('drain', ...mine, ...flags)
    }),
  )
  const seconds = (systemClock.monotonicMs() - started) / 1000
  await demandEmpty(cluster, full)
  const writes = await cluster.writes(full.group, 'kubectl')
  progress(`kubectl: ${seconds.toFixed(2)} s, ${JSON.stringify(Object.fromEntries(writes))}`)
  return seconds
}

async function demandEmpty(cluster: DrainedCluster, full: FullNodes): Promise<void> {
  const left = await cluster.notEmpty(full)
  if (left.length > 0) throw new Error(`not empty: ${left.join(' ')}`)
}

/** Evictions a second from the first to the last; and the most in any ten seconds, over ten. */
function ratesOf(evictedAt: readonly number[]): { readonly overall: number; readonly most: number } {
  const times = evictedAt.toSorted((a, b) => a - b)
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  const windowMs = 10_000
  const counts = times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length)
  return { overall: (times.length - 1) / ((last - first) / 1000), most: Math.max(...counts) / (windowMs / 1000) }
}

const half = (times: readonly number[]): number => quantile(times, 0.5)
const latest = (times: readonly number[]): number => Math.max(...times)

function report(ours: readonly Ours[], theirs: readonly number[], limited: Ours, { figure }: BenchContext): void {
  const conditions = { ...shape, evictionsPerSecond: 1000, maxConcurrentDrains: 50, kubeQps: 1000, pods: 'kwok, no grace' }
  const wanted = shape.nodes * shape.podsPerNode
  const values = (value: (run: Ours) => number): number[] => ours.map(value)
  const peer = { name: `${kubectls} kubectl drain at once, ${shape.nodes / kubectls} nodes each`, values: theirs }
  figure({ figure: 'drain of 50 nodes', unit: 's', target: '≤ peer', values: values((run) => run.seconds), peer, conditions })
  const ratios = ours.map((run, n) => run.seconds / (theirs[n] ?? Number.NaN)).filter((one) => !Number.isNaN(one))
  if (ratios.length > 0) figure({ figure: 'drain of 50 nodes: ratio of each run', unit: 'ratio', target: '≤ 1', values: ratios, conditions })
  figure({ figure: 'evictions that were accepted', unit: 'count', target: `= ${wanted}`, values: values((run) => run.evictions), conditions })
  figure({ figure: 'evictions that were refused', unit: 'count', target: '= 0', values: values((run) => run.otherEvictions), conditions })
  figure({ figure: 'pods deleted', unit: 'count', target: '= 0', values: values((run) => run.deletions), conditions })
  const bare = (value: (times: readonly number[]) => number): { name: string; values: number[] } => ({
    name: 'as many bare patches at once, right before',
    values: values((run) => value(run.patchedAt)),
  })
  const isolated = (value: (times: readonly number[]) => number): number[] => values((run) => value(run.isolatedAt))
  figure({ figure: 'begin to isolated, p50', unit: 'ms', target: '< 100', values: isolated(half), peer: bare(half), conditions })
  figure({ figure: 'begin to isolated, last', unit: 'ms', values: isolated(latest), peer: bare(latest), conditions })
  figure({ figure: 'processor time of a drain', unit: 's', values: values((run) => run.cpuSeconds), conditions })
  const { overall, most } = ratesOf(limited.evictedAt)
  const slow = { ...conditions, evictionsPerSecond: limitPerSecond }
  const within = `${limitPerSecond} ± 5 %`
  figure({ figure: 'evictions a second under a limit of 20', unit: 'count', target: within, values: [overall], conditions: slow })
  figure({ figure: 'the same, most in any 10 s', unit: 'count', target: `≤ ${limitPerSecond * 1.05}`, values: [most], conditions: slow })
  figure({
    figure: 'evictions under a limit of 20',
    unit: 'count',
    target: `= ${wanted}`,
    values: [limited.evictions + limited.otherEvictions],
    conditions: slow,
  })
}
