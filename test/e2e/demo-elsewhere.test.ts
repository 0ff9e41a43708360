import { expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { wholeLines } from '../support/audit.ts'
import { eventually } from '../support/eventually.ts'
import { blocksOf } from './support/markdown.ts'
import { kubectlFor, startPlane } from './support/plane.ts'
import { Program, root, run } from './support/program.ts'
import { terminal } from './support/terminal.ts'
import { inherited } from './support/trap.ts'

/** What the writes of an audit log were about, those of the cluster's own parts left out. */
function writesOf(auditLog: string): readonly string[] {
  return wholeLines(readFileSync(auditLog, 'utf8'))
    .map((line) => JSON.parse(line) as { readonly userAgent: string; readonly requestURI: string; readonly verb: string })
    .filter(({ userAgent }) => !/^kube-(?:apiserver|controller-manager|scheduler)/.test(userAgent))
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`)
}

test('a cluster that is not ours is untouched without a terminal, used with --yes, and cleaned as the page says', async () => {
  const plane = await startPlane({ parts: ['controller-manager'] })
  const kubectl = kubectlFor(plane)
  // Somebody's machine: no annotation says that it is simulated.
  await kubectl(`create -f ${join(root, 'test/e2e/support/machine.yaml')}`)
  const before = writesOf(plane.auditLog)
  const start = ['npm', 'start', '--', '--kubeconfig', plane.kubeconfig]
  const refused = await run(start, { env: inherited() })
  expect(refused).toMatchObject({
    code: 2,
    stdout: expect.stringContaining(`server   ${plane.server}/`),
    stderr: expect.stringContaining('tidegate: without a terminal nobody can agree to this: add --yes; nothing was changed\n'),
  })
  expect(writesOf(plane.auditLog)).toEqual(before)

  const demo = new Program([...start, '--yes'], { env: inherited() })
  await demo.says(/training\/workers: Ready/)
  await demo.says(/alias kubectl='\S+ --context tidegate-local'/)
  const machine = JSON.parse(await kubectl('get node machine -o json')) as {
    readonly metadata: { readonly annotations?: object }
    readonly status: { readonly conditions?: unknown }
  }
  expect(machine.metadata.annotations ?? {}).not.toHaveProperty('kwok.x-k8s.io/node')
  expect(JSON.stringify(machine.status.conditions ?? [])).not.toContain('KubeletReady')
  demo.signalGroup('SIGINT')
  expect(await demo.ended).toMatchObject({ code: 0 })
  expect(demo.stdout).toContain('What was installed is still there; docs/simulator.md has the lines that remove it')

  const page = readFileSync(join(root, 'docs/simulator.md'), 'utf8')
  const cleaning = blocksOf(page).find(({ lines }) => lines.some((line) => line.includes('delete namespace')))
  const type = terminal([`export PATH=${plane.assets.folder}:$PATH KUBECONFIG=${plane.kubeconfig}`, 'set -e'], inherited())
  expect(await type((cleaning?.lines ?? []).join('\n'))).toMatchObject({ code: 0 })
  await eventually(async () => {
    expect(await kubectl('get nodes -o name')).toBe('node/machine')
    expect(await kubectl('get namespaces,crds,clusterroles,clusterrolebindings,leases.coordination.k8s.io -A -o name')).not.toMatch(/tidegate|training/)
  })
})
