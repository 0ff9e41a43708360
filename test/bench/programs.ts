import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle } from '../../scripts/bundle.ts'
import type { BenchContext } from './bench.ts'

/** Our programs as they are shipped: bundled. */
export interface Programs {
  /** `tidegate`, as `npm run build` makes it. */
  readonly tidegate: string
  /** The same, with a pod informer and a probe in the process. */
  readonly tidegateWithPods: string
  /** Informers of nodes and pods alone: what the Go baseline `cache` is. */
  readonly informers: string
  /** The drain service on the connection that the operator has, and nothing else. */
  readonly drain: string
}

/** How the image and the scripts start Node. */
export const nodeFlags = ['--max-semi-space-size=4']

/** Bundled together, so that the parts added for a measurement share the modules of the program instead of loading them twice. */
export async function bundlePrograms({ folder, progress }: Pick<BenchContext, 'folder' | 'progress'>): Promise<Programs> {
  progress('bundling')
  const outdir = join(folder, 'bundle')
  await bundle({
    entryPoints: {
      main: 'src/cmd/main.ts',
      informers: 'test/bench/programs/informers.ts',
      pods: 'test/bench/programs/pods.ts',
      drain: 'test/bench/programs/drain.ts',
    },
    outdir,
  })
  await writeFile(join(folder, 'package.json'), '{"version":"0.0.0-bench","type":"module"}\n')
  const [tidegate, tidegateWithPods] = [join(folder, 'tidegate.mjs'), join(folder, 'tidegate-with-pods.mjs')]
  await writeFile(tidegate, "import('./bundle/main.mjs')\n")
  await writeFile(tidegateWithPods, "import('./bundle/pods.mjs').then(() => import('./bundle/main.mjs'))\n")
  return { tidegate, tidegateWithPods, informers: join(outdir, 'informers.mjs'), drain: join(outdir, 'drain.mjs') }
}
