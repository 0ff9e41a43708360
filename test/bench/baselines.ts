import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { BenchContext } from './bench.ts'

const programs = ['cache', 'churn', 'leader', 'loader'] as const
export type Baseline = (typeof programs)[number]

/** The Go programs that load a cluster, disturb it, and do what ours does with controller-runtime. */
export type Baselines = (program: Baseline) => string

/** Beside the checkout, unless said otherwise. */
const usualPlace = '../shared/reference/baselines'

/**
 * Builds them, once for each state of their sources, in the user's cache folder; the sources themselves are not touched.
 * Errors: a line that says what is missing.
 */
export async function ensureBaselines({ settings, progress, signal }: Pick<BenchContext, 'settings' | 'progress' | 'signal'>): Promise<Baselines> {
  const sources = resolve(settings.baselines ?? usualPlace)
  if (!existsSync(join(sources, 'go.mod'))) throw new Error(`no Go baselines in ${sources}: name their folder with --baselines`)
  const files = await filesIn(sources)
  const target = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tidegate', 'baselines', keyOf(files))
  const found = (program: Baseline): string => join(target, program)
  if (programs.every((program) => existsSync(found(program)))) return found
  progress('building the Go baselines, once: a few minutes')
  const work = `${target}.${process.pid}`
  try {
    for (const [name, content] of files) {
      await mkdir(dirname(join(work, name)), { recursive: true })
      await writeFile(join(work, name), content)
    }
    const packages = programs.map((program) => `./cmd/${program}`)
    await promisify(execFile)('go', ['build', '-trimpath', '-o', join(work, 'bin/'), ...packages], { cwd: work, signal })
    await rm(target, { recursive: true, force: true })
    await rename(join(work, 'bin'), target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return found
}

/** Everything that decides what is built, by its path. */
async function filesIn(sources: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(sources, { recursive: true, withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isFile() && /\.(go|mod|sum)$/.test(entry.name))
    .map(({ parentPath, name }) => relative(sources, join(parentPath, name)))
  return new Map(await Promise.all(names.toSorted().map(async (name) => [name, await readFile(join(sources, name))] as const)))
}

function keyOf(files: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256')
  for (const [name, content] of files) hash.update(`${name}\0${content.length}\0`).update(content)
  return hash.digest('hex').slice(0, 16)
}
