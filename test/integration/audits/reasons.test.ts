import { expect, test } from 'vitest'
import type { TestProject } from 'vitest/node'
import { kinds } from '../../../src/crds/index.ts'
import { type ReasonException, reasonExceptions } from '../../support/reason-exceptions.ts'
import { allPassed, unseenReasons } from '../../support/reasons-of-run.ts'

const reasons = { There: { conditions: ['Ready', 'Stalled'], needsPerson: false, meaning: 'It is there.' } }
const registry = [{ kind: 'Sample', reasons }]
const both = ['Sample Ready There', 'Sample Stalled There'] as const
const except = (...pairs: ReasonException['pairs']): readonly ReasonException[] => [{ why: 'because', pairs }]

const runs: Readonly<Record<string, readonly [readonly string[], readonly ReasonException[], readonly string[]]>> = {
  'everything was seen': [both, [], []],
  'one of two conditions was not seen': [['Sample Ready There'], [], ['Sample Stalled There: registered, and seen by no integration test']],
  'what was not seen is excepted': [['Sample Ready There'], except('Sample Stalled There'), []],
  'an exception was seen': [both, except('Sample Stalled There'), ['Sample Stalled There: an exception, and seen']],
  'a fleeting one was seen': [both, [{ why: 'gone in a moment', pairs: ['Sample Stalled There'], fleeting: true }], []],
  'an exception of nothing': [both, except('Sample Ready Gone'), ['Sample Ready Gone: an exception of what is not registered']],
}
test.each(Object.entries(runs))('%s', (_, [seen, exceptions, findings]) => {
  expect(unseenReasons(registry, new Set(seen), exceptions)).toEqual(findings)
})

test('the exceptions are of the registry, each with its reason', () => {
  const none = unseenReasons(kinds, new Set(), reasonExceptions)
  expect(none.filter((line) => line.endsWith('not registered'))).toEqual([])
  expect(reasonExceptions.filter(({ why }) => why.length < 20)).toEqual([])
  expect(reasonExceptions.flatMap(({ pairs }) => pairs).length).toBeLessThan(none.length / 10)
})

/** Of a run as vitest tells it, what is asked here. */
function project(files: readonly string[], modules: Readonly<Record<string, readonly string[]>>, of = 'integration'): TestProject {
  const found = Object.entries(modules).map(([moduleId, states]) => ({
    moduleId,
    project: { name: of },
    state: () => (states.includes('failed') ? 'failed' : 'passed'),
    children: { allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
  }))
  return {
    name: 'integration',
    vitest: { state: { getTestModules: () => found } },
    globTestFiles: async () => await Promise.resolve({ testFiles: files, typecheckTestFiles: [] }),
  } as unknown as TestProject
}

test.each([
  ['every test of every file passed', project(['a', 'b'], { a: ['passed', 'passed'], b: ['passed'] }), true],
  ['a file was not asked for', project(['a', 'b'], { a: ['passed'] }), false],
  ['a file ran for another project', project(['a'], { a: ['passed'] }, 'chaos'), false],
  ['a test was not asked for', project(['a'], { a: ['passed', 'skipped'] }), false],
  ['a test is red', project(['a'], { a: ['passed', 'failed'] }), false],
])('whether all ran: %s', async (_, run, expected) => {
  expect(await allPassed(run)).toBe(expected)
})
