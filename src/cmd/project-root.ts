import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder with package.json, config/ and examples/: two up from here in a checkout, one up from the bundle. */
export function projectRoot(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'package.json'))) return from
  const parent = dirname(from)
  if (parent === from) throw new Error('package.json is not above the program: run it from a checkout or the image')
  return projectRoot(parent)
}

/** The version of the product. */
export function version(): string {
  const { version: found } = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { readonly version: string }
  return found
}
