import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from './support/folder.ts'
import { blocksOf } from './support/markdown.ts'
import { kubectlFor, startPlane } from './support/plane.ts'
import { root } from './support/program.ts'
import { terminal } from './support/terminal.ts'
import { inherited } from './support/trap.ts'

const folder = join(root, 'docs/runbooks')

/** Every line of the `sh` blocks of the runbooks, each once. Lines with a `$ ` (console) need an account or another cluster: they are for reading. */
const commands = new Set(
  readdirSync(folder)
    .flatMap((name) => blocksOf(readFileSync(join(folder, name), 'utf8')))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ lines }) => lines),
)

/** Writes are checked by the API server and not done, so that each command meets the same world. */
function harmless(command: string): string {
  return /^kubectl (patch|annotate|scale|delete) /.test(command) ? `${command} --dry-run=server` : command
}

test('every kubectl line of the runbooks is one that the API server takes', async () => {
  const plane = await startPlane({ parts: [] })
  const kubectl = kubectlFor(plane)
  await kubectl('apply --server-side -f config/crd -f config/rbac -f config/policy')
  await kubectl('apply --server-side -f examples/accepted')
  const home = testFolder()
  const type = terminal([`export PATH=${plane.assets.folder}:$PATH KUBECONFIG=${plane.kubeconfig}`, `cd ${home}`], inherited())
  expect(commands.size).toBeGreaterThan(40)
  const refused: string[] = []
  for (const command of commands) {
    const { code, text } = await type(harmless(command))
    if (code !== 0) refused.push(`${command}: ${text}`)
  }
  expect(refused).toEqual([])
})
