import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kinds } from '../../crds/index.ts'
import { targetClusterReasons } from '../../crds/target-cluster-reasons.ts'
import { personReasons, runbookPath, runbooks } from './runbooks.ts'

const reasons = [...personReasons(kinds).keys()]

test('every reason that asks for a person has its page, and no page has lost its reason', () => {
  const pages = readdirSync('docs/runbooks').filter((name) => name !== 'README.md')
  expect(pages.toSorted()).toEqual(reasons.map((reason) => `${reason}.md`).toSorted())
})

test.each(reasons)('the page of %s says what to do, with a command', (reason) => {
  const page = readFileSync(runbookPath(reason), 'utf8')
  expect(page).toMatch(new RegExp(`^# ${reason}\\n`))
  expect(page).toMatch(/\n## What to do\n\n[A-Z`][\s\S]*\n```(?:sh|console)\n/)
})

test('a reason of two kinds has one page with both meanings', () => {
  const page = runbooks(kinds, () => undefined).get(runbookPath('ClusterUnreachable'))
  expect(page).toMatch(
    /- \*\*TargetCluster\*\*, condition `KubernetesReachable` or `Ready`: [\s\S]*- \*\*EksNodeGroup\*\*, condition `Ready` or `Reconciling`: /,
  )
})

test('what is written by hand stays', () => {
  const by = '# InUse\n\n<!-- generated: begin -->\nold\n<!-- generated: end -->\n\nBy hand.\n'
  const page = runbooks(kinds, (path) => (path === runbookPath('InUse') ? by : undefined)).get(runbookPath('InUse'))
  expect(page).toMatch(/Delete or move those first[\s\S]*\nBy hand\.\n$/)
})

/** What is wrong in the target wakes nobody when it is mended, so it is looked at every 30 s (`TargetClusterReconciler`), not as seldom as what stalls. */
const ofTheTarget = Object.entries(targetClusterReasons).flatMap(([reason, { conditions, needsPerson }]) => {
  const on: readonly string[] = conditions
  return needsPerson && on.includes('KubernetesReachable') && !on.includes('CloudReachable') ? [reason] : []
})

test.each(ofTheTarget)('the page of %s does not say that a target is looked at every 10 minutes', (reason) => {
  expect(readFileSync(runbookPath(reason), 'utf8')).not.toMatch(/every 10 min/)
})
