import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/**
 * The rules for acting on AWS that node groups keep, by the names that the code's comments give them ("aws-rules B4"). Each has tests that are named
 * after it: `B4: …`, as the name of a test or of what it stands in.
 */
const rules: Readonly<Record<string, string>> = {
  A1: 'intent first',
  A2: 'judge by state, not by the answer',
  A3: 'send only what changed',
  A4: 'what others put there stays',
  A5: 'reads are shared',
  A6: 'ownership mark',
  A7: 'IAM',
  A8: 'who may point at what',
  B1: 'the Auto Scaling group is the authority',
  B2: 'create with 0',
  B3: 'another owner of the number',
  B4: 'named removal',
  B5: 'withdrawing what has not arrived',
  B6: 'zones',
  B7: 'updates run by EKS',
  B8: 'deletion',
  B9: 'warm pools',
  B10: 'quotas',
}

/** Proven without the simulated AWS only, with the reason. */
const pureOnly: Readonly<Record<string, string>> = { B9: 'the simulator has no warm pools, and no field of the product makes one' }

const root = new URL('..', import.meta.url).pathname
const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'test/integration/chaos/*.ts'], { cwd: root })

/** Names that begin with a rule, each with its file: a literal that is the first argument of a call. */
const named = files.flatMap((file) =>
  [...readFileSync(`${root}${file}`, 'utf8').matchAll(/\b(?:test|it|describe)\b[^\n]*?\(\s*['"`]([AB]\d+): /g)].map(([, rule = '']) => ({ file, rule })),
)

test.each(Object.entries(rules))('%s (%s) has tests that are named after it', (rule) => {
  const own = named.filter((one) => one.rule === rule).map(({ file }) => file)
  expect(own).not.toEqual([])
  const isProven = pureOnly[rule] !== undefined || own.some((file) => file.startsWith('test/'))
  expect(isProven ? [] : own).toEqual([])
})

test('no test is named after a rule that there is not', () => {
  expect(named.filter(({ rule }) => rules[rule] === undefined)).toEqual([])
})
