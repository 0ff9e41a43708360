import { rm } from 'node:fs/promises'
import { type BuildOptions, build } from 'esbuild'
import { constantKeys } from './constant-keys.ts'

export interface BundleOptions {
  /** Name of each entry file, without its ending, to its source. */
  readonly entryPoints: Readonly<Record<string, string>>
  /** Emptied first. */
  readonly outdir: string
}

/** CommonJS packages in an ESM bundle ask for `require`. */
const requireForPackages = "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"

/**
 * Bundles for Node: ESM in chunks with source maps, so that a subcommand loads only what it needs, and of the packages' ES modules only what is used.
 * docs/adr/0002-bundle.md has the figures. Returns the files written and their bytes. Throws with esbuild's messages.
 */
export async function bundle({ entryPoints, outdir }: BundleOptions): Promise<ReadonlyMap<string, number>> {
  await rm(outdir, { recursive: true, force: true })
  const options = {
    entryPoints: { ...entryPoints },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // ES modules where a package has both: from CommonJS esbuild cannot leave out what nobody uses
    mainFields: ['module', 'main'],
    plugins: [constantKeys()],
    sourcemap: true,
    legalComments: 'linked',
    metafile: true,
    banner: { js: requireForPackages },
    logLevel: 'warning',
  } satisfies BuildOptions
  const { metafile } = await build(options)
  return new Map(Object.entries(metafile.outputs).map(([file, { bytes }]) => [file, bytes]))
}
