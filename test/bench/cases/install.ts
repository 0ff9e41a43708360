import { execFile } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../../../src/lib/clock.ts'
import type { BenchCase } from '../bench.ts'

export const installCase: BenchCase = {
  name: 'install',
  description: 'npm ci in a folder with nothing but the lock, with the npm cache as it is',
  run: async ({ settings, folder, signal, figure, progress }) => {
    const seconds: number[] = []
    for (let run = 0; run < (settings.runs ?? 1); run += 1) {
      const target = join(folder, String(run))
      await mkdir(target)
      for (const file of ['package.json', 'package-lock.json', '.npmrc']) await copyFile(file, join(target, file))
      const started = systemClock.monotonicMs()
      await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: target, signal })
      seconds.push((systemClock.monotonicMs() - started) / 1000)
      progress(`npm ci: ${seconds.at(-1)?.toFixed(1)} s`)
    }
    figure({ figure: 'npm ci', unit: 's', values: seconds, conditions: { cache: 'as it was' } })
  },
}
