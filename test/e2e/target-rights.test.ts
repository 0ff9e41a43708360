import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuseUnsafe } from '../../src/kube/kubeconfig.ts'
import { eventually } from '../support/eventually.ts'
import { testFolder } from './support/folder.ts'
import { blocksOf, typedIn } from './support/markdown.ts'
import { kubectlFor, startPlane } from './support/plane.ts'
import { root } from './support/program.ts'
import { terminal } from './support/terminal.ts'
import { inherited } from './support/trap.ts'

interface Config {
  readonly 'current-context': string
  readonly clusters: readonly [{ readonly cluster: Record<string, unknown> }]
  readonly users: readonly [{ user: object }]
}

/** What the operator does in a target, of each kind of right one: cluster-wide, and in `kube-system`. */
const rights = [
  'get namespaces/kube-system',
  'patch nodes',
  'list pods -A',
  'create pods --subresource=eviction -A',
  'create leases -n kube-system',
  'update leases/tidegate -n kube-system',
  'get configmaps/cluster-autoscaler-status -n kube-system',
]

/** The pages that say how credentials get their rights in a target, each with how `kubectl` is they. */
const pages: Readonly<Record<string, string>> = {
  Forbidden: '--as=target@example.com',
  Unauthorized: '--as=arn --as-group=tidegate-target',
  UnsafeKubeconfig: '--kubeconfig=flat',
}

/** The `kubectl` lines of a page for reading, with the gaps filled. */
function linesOf(page: string, context: string): readonly string[] {
  return blocksOf(readFileSync(join(root, 'docs/runbooks', `${page}.md`), 'utf8'))
    .filter(({ language }) => language === 'console')
    .flatMap((block) => typedIn(block).map(({ command }) => command))
    .filter((command) => command.startsWith('kubectl') && !command.includes('./fresh'))
    .map((command) => command.replaceAll('<target>', context).replaceAll('<user of the kubeconfig>', 'target@example.com'))
}

test('what the pages say gives the credentials of a target every right there, and a kubeconfig that is safe', async () => {
  const plane = await startPlane({ parts: [] })
  await kubectlFor(plane)('create namespace tidegate-system')
  const home = testFolder()
  symlinkSync(join(root, 'config'), join(home, 'config'))
  const config = JSON.parse(readFileSync(plane.identities.admin, 'utf8')) as Config
  // As `aws eks update-kubeconfig` writes it: a program, here with a file beside it.
  const [{ cluster }] = config.clusters
  writeFileSync(join(home, 'ca.crt'), Buffer.from(String(cluster['certificate-authority-data']), 'base64'))
  delete cluster['certificate-authority-data']
  cluster['certificate-authority'] = 'ca.crt'
  config.users[0].user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'false', interactiveMode: 'Never' } }
  const unsafe = JSON.stringify(config)
  expect(() => refuseUnsafe(unsafe)).toThrow('is not allowed here')
  writeFileSync(join(home, 'kubeconfig'), unsafe)

  const type = terminal([`export PATH=${plane.assets.folder}:$PATH KUBECONFIG=${plane.identities.admin}`, `cd ${home}`], inherited())
  const mayNot = async (who: string): Promise<readonly string[]> => {
    const answers = await Promise.all(rights.map(async (right) => ({ right, ...(await type(`kubectl auth can-i ${right} ${who}`)) })))
    return answers.flatMap(({ right, code, text }) => (code === 0 ? [] : [`${right}: ${text}`]))
  }
  // A plane of one's own: nobody has them before.
  expect(await mayNot('--as=target@example.com --as-group=tidegate-target')).toHaveLength(rights.length)
  for (const [page, who] of Object.entries(pages)) {
    const lines = linesOf(page, config['current-context'])
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines) expect({ line, ...(await type(line)) }).toMatchObject({ line, code: 0 })
    // A binding counts some moments after it was taken.
    await eventually(async () => expect({ page, mayNot: await mayNot(who) }).toEqual({ page, mayNot: [] }))
  }
  expect(() => refuseUnsafe(readFileSync(join(home, 'flat'), 'utf8'))).not.toThrow()
})
