import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kinds } from '../../src/crds/index.ts'
import type { SeenReasons } from './seen-reasons.ts'

const root = join(import.meta.dirname, '../..')

/**
 * What a run of all integration tests says about the registry: each (kind, condition, reason) that stands in it and that no operator of the run
 * wrote. `undefined` when not every test file with a stage ran to its end, since then nothing can be said.
 */
export async function neverSeen(seenReasons: string): Promise<readonly string[] | undefined> {
  const text = await readFile(seenReasons, 'utf8').catch(() => '')
  const stages = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SeenReasons)
  const ran = new Set(stages.map(({ file }) => file))
  if ((await filesWithStages()).some((file) => !ran.has(file))) return undefined
  const seen = new Set(stages.flatMap((stage) => stage.seen))
  return kinds.flatMap(({ kind, reasons }) =>
    Object.entries(reasons).flatMap(([reason, { conditions }]) =>
      conditions.map((condition) => `${kind} ${condition} ${reason}`).filter((where) => !seen.has(where)),
    ),
  )
}

async function filesWithStages(): Promise<readonly string[]> {
  const files: string[] = []
  for await (const path of glob('test/integration/{audits,eks-node-group,rules,target-cluster}/*.test.ts', { cwd: root })) {
    const file = join(root, path)
    const text = await readFile(file, 'utf8')
    if (/openStage|stageWith|import \{[^}]*\btest\b[^}]*\} from '[^']*support\/world\.ts'/.test(text)) files.push(file)
  }
  return files
}
