import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ControlPlane } from '../../src/local/control-plane.ts'
import { eventually } from '../support/eventually.ts'
import { testFolder } from './support/folder.ts'
import { blocksOf } from './support/markdown.ts'
import { kubectlFor, startPlane } from './support/plane.ts'
import { root } from './support/program.ts'
import { type Printed, terminal } from './support/terminal.ts'
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

async function planeWithExamples(): Promise<{ readonly plane: ControlPlane; readonly kubectl: ReturnType<typeof kubectlFor> }> {
  const plane = await startPlane({ parts: [] })
  const kubectl = kubectlFor(plane)
  await kubectl('apply --server-side -f config/crd -f config/rbac -f config/policy')
  // A kind counts some moments after its definition was taken.
  await eventually(async () => await kubectl('apply --server-side -f examples/accepted'))
  return { plane, kubectl }
}

test('every kubectl line of the runbooks is one that the API server takes', async () => {
  const { plane } = await planeWithExamples()
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

interface PersonsLine {
  readonly line: RegExp
  /** A person's role, given to nobody else; `administrator` holds every right there is. */
  readonly by: Person
  /** Who may not, and the words of the refusal. */
  readonly refused: Readonly<Partial<Record<Person, string>>>
}

type Person = 'viewer' | 'editor' | 'approver' | 'admin' | 'administrator'

const forbidden = 'forbidden'
const personsLines: Readonly<Record<string, PersonsLine>> = {
  'freeze a group': {
    line: /^kubectl annotate eksnodegroup\/.* tidegate\.io\/frozen-until=/,
    by: 'editor',
    refused: { viewer: forbidden, approver: 'and change nothing else of an EksNodeGroup' },
  },
  'release a group': {
    line: /^kubectl annotate eksnodegroup\/.* tidegate\.io\/frozen-until-$/,
    by: 'editor',
    refused: { viewer: forbidden, approver: 'and change nothing else of an EksNodeGroup' },
  },
  'freeze a target': {
    line: /^kubectl annotate targetcluster\/.* tidegate\.io\/frozen-until=/,
    by: 'admin',
    refused: { viewer: forbidden, editor: forbidden },
  },
  'release a target': {
    line: /^kubectl annotate targetcluster\/.* tidegate\.io\/frozen-until-$/,
    by: 'admin',
    refused: { viewer: forbidden, editor: forbidden },
  },
  'freeze everything': { line: /^kubectl annotate namespace\/.* tidegate\.io\/frozen-until=/, by: 'administrator', refused: { admin: forbidden } },
  'release everything': { line: /^kubectl annotate namespace\/.* tidegate\.io\/frozen-until-$/, by: 'administrator', refused: { admin: forbidden } },
  'approve an update': {
    line: /^kubectl annotate .* tidegate\.io\/approve-update=/,
    by: 'approver',
    refused: { viewer: forbidden, editor: 'needs the verb approve on eksnodegroups' },
  },
}

test('freeze, release and approve are one line each, which the right person may run and others may not', async () => {
  const { plane, kubectl } = await planeWithExamples()
  for (const role of ['viewer', 'editor', 'approver']) {
    await kubectl(`create rolebinding ${role} -n training --clusterrole=tidegate-${role} --user=${role}@example.com`)
  }
  await kubectl('create clusterrolebinding platform --clusterrole=tidegate-admin --user=admin@example.com')
  const home = testFolder()
  const as = (person: Person): ((command: string) => Promise<Printed>) =>
    terminal([`export PATH=${plane.assets.folder}:$PATH KUBECONFIG=${kubeconfigOf(plane, person, home)}`, `cd ${home}`], inherited())
  for (const [what, { line, by, refused }] of Object.entries(personsLines)) {
    const found = [...commands].filter((command) => line.test(command))
    expect({ what, found }).toEqual({ what, found: [expect.any(String)] })
    const [command = ''] = found
    // A role and a policy count some moments after they were taken.
    for (const [person, words] of Object.entries(refused)) {
      const attempt = async (): Promise<object> => ({ what, person, ...(await as(person as Person)(`${command} --dry-run=server`)) })
      await eventually(async () => expect(await attempt()).toEqual({ what, person, code: 1, text: expect.stringContaining(words) }))
    }
    await eventually(async () => expect({ what, ...(await as(by)(command)) }).toMatchObject({ what, code: 0 }))
    const [, key = '', , value] = /(tidegate\.io\/[a-z-]+?)(=(\S+)|-)$/.exec(command) ?? []
    const object = /^kubectl annotate (\S+(?: -n \S+)?)/.exec(command)?.[1] ?? ''
    const { metadata } = JSON.parse(await kubectl(`get ${object} -o json`)) as {
      readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
    }
    expect({ what, value: metadata.annotations?.[key] }).toEqual({ what, value })
  }
})

/** The kubeconfig of a person: their own token, or the administrator who acts as them. */
function kubeconfigOf(plane: ControlPlane, person: Person, home: string): string {
  if (person === 'administrator') return plane.identities.admin
  if (person !== 'admin') return plane.identities[person]
  const config = JSON.parse(readFileSync(plane.identities.admin, 'utf8')) as { readonly users: readonly { readonly user: object }[] }
  const path = join(home, 'platform-kubeconfig')
  for (const { user } of config.users) Object.assign(user, { as: 'admin@example.com' })
  writeFileSync(path, JSON.stringify(config))
  return path
}
