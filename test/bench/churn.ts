import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Baselines } from './baselines.ts'
import type { BenchContext } from './bench.ts'
import { quantile } from './figure.ts'

/** When each patch was sent and acknowledged, in milliseconds of the wall clock, by the value that it wrote. */
export type Patches = ReadonlyMap<string, { readonly sentMs: number; readonly acknowledgedMs: number }>

let runs = 0

/** Patches a label of random nodes at a steady rate, whatever the answers take. Errors: a patch that failed. */
export async function churn(kubeconfig: string, baselines: Baselines, { settings, folder, signal }: BenchContext): Promise<Patches> {
  runs += 1
  const out = join(folder, `patches-${runs}`)
  const { rate, churnSeconds } = settings
  const args = ['--config', kubeconfig, '--rate', String(rate), '--duration', `${churnSeconds}s`, '--out', out, '--prefix', `r${runs}x`, '--seed', String(runs)]
  const { stdout } = await promisify(execFile)(baselines('churn'), args, { signal })
  if (!stdout.includes('errors=0 ')) throw new Error(`patches failed: ${stdout.trim()}`)
  const lines = (await readFile(out, 'utf8')).trim().split('\n')
  return new Map(
    lines.map((line) => {
      const [seq = '', sent, acknowledged] = line.split(' ')
      return [seq, { sentMs: Number(sent) / 1e6, acknowledgedMs: Number(acknowledged) / 1e6 }]
    }),
  )
}

/** How late a program was told, in milliseconds. */
export interface Lag {
  readonly fromSent: { readonly p50: number; readonly p99: number; readonly max: number }
  /** The event often comes before the answer: then it is negative. */
  readonly fromAcknowledged: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Patches whose value the program never saw: overtaken by a later patch to the same node, or lost. */
  readonly unseen: number
}

/** Compares the patches with what a program wrote to its `$CHURN_LOG`. */
export async function lagOf(patches: Patches, log: string): Promise<Lag> {
  const seen = new Map<string, number>()
  for (const line of (await readFile(log, 'utf8')).trim().split('\n')) {
    const [seq = '', at] = line.split(' ')
    if (!seen.has(seq)) seen.set(seq, Number(at) / 1e6)
  }
  const matched = [...patches].flatMap(([seq, patch]) => {
    const at = seen.get(seq)
    return at === undefined ? [] : [{ fromSent: at - patch.sentMs, fromAcknowledged: at - patch.acknowledgedMs }]
  })
  return {
    fromSent: spread(matched.map(({ fromSent }) => fromSent)),
    fromAcknowledged: spread(matched.map(({ fromAcknowledged }) => fromAcknowledged)),
    unseen: patches.size - matched.length,
  }
}

function spread(values: readonly number[]): Lag['fromSent'] {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99), max: Math.max(...values) }
}
