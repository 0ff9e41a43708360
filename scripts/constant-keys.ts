import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/**
 * Writes computed keys as plain ones where the file itself says what they are: `const _xN = "xmlName"; … { [_xN]: _m }` becomes `{ "xmlName": _m }`.
 *
 * esbuild takes an array or object with a computed key for something that may have side effects (`toString` of the key), and keeps it although
 * nothing uses it: all operations of a service stay for the few that we call. Names that the file does not define as a string are left alone.
 */
export function plainKeys(source: string): string {
  const constants = new Map([...source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name, text]) => [name, text]))
  return source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => {
    const text = constants.get(name)
    return text === undefined ? key : `${text}:`
  })
}

/** Applies `plainKeys` to the schemas of the AWS SDK, and fails when it finds none: the SDK's layout has changed, and the figure with it. */
export function constantKeys(): Plugin {
  return {
    name: 'constant-keys',
    setup(build) {
      let seen = 0
      build.onLoad({ filter: /@aws-sdk[\\/].*[\\/]dist-es[\\/].*schemas_\d+\.js$/ }, async ({ path }) => {
        seen += 1
        return { contents: plainKeys(await readFile(path, 'utf8')), loader: 'js' }
      })
      build.onEnd(({ metafile }) => {
        const usesAws = Object.keys(metafile?.inputs ?? {}).some((input) => /@aws-sdk[\\/]client-/.test(input))
        return usesAws && seen === 0 ? { errors: [{ text: 'no schemas of the AWS SDK were seen: look where they are now (scripts/constant-keys.ts)' }] } : {}
      })
    },
  }
}
