import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { bundle } from '../../scripts/bundle.ts'
import type { BenchContext } from './bench.ts'

/** Our programs as they are shipped: bundled. */
export interface Programs {
  /** `tidegate`, as `npm run build` makes it. */
  readonly tidegate: string
  /** The same, with a probe of the event loop in the process. */
  readonly tidegateWithProbe: string
  /** Informers of nodes and pods alone: what the Go baseline `cache` is. */
  readonly informers: string
  /** The drain service on the connection that the operator has, and nothing else. */
  readonly drain: string
  /** As many patches at once as a drain begins with, and nothing else. */
  readonly patches: string
}

const words = packageJson.scripts.tidegate.split(' ')

/** How `npm run tidegate` starts Node (docs/adr/0009-memory-settings.md): what is measured is what is shipped. */
export const shipped = {
  flags: words.filter((word) => word.startsWith('--')),
  env: Object.fromEntries(words.filter((word) => /^[A-Z_]+=/.test(word)).map((word) => word.split('=', 2) as [string, string])),
}

/** Bundled together, so that the parts added for a measurement share the modules of the program instead of loading them twice. */
export async function bundlePrograms({ folder, progress }: Pick<BenchContext, 'folder' | 'progress'>): Promise<Programs> {
  progress('bundling')
  const outdir = join(folder, 'bundle')
  await bundle({
    entryPoints: {
      main: 'src/cmd/main.ts',
      informers: 'test/bench/programs/informers.ts',
      probe: 'test/bench/programs/probe.ts',
      drain: 'test/bench/programs/drain.ts',
      patches: 'test/bench/programs/patches.ts',
    },
    outdir,
  })
  await writeFile(join(folder, 'package.json'), '{"version":"0.0.0-bench","type":"module"}\n')
  const [tidegate, tidegateWithProbe] = [join(folder, 'tidegate.mjs'), join(folder, 'tidegate-with-probe.mjs')]
  await writeFile(tidegate, "import('./bundle/main.mjs')\n")
  await writeFile(tidegateWithProbe, "import('./bundle/probe.mjs').then(() => import('./bundle/main.mjs'))\n")
  const alone = (name: string): string => join(outdir, `${name}.mjs`)
  return { tidegate, tidegateWithProbe, informers: alone('informers'), drain: alone('drain'), patches: alone('patches') }
}
