import { expect, test } from 'vitest'
import { aPass } from '../test-pass.ts'
import { selector } from './selector.ts'

const selectorOf = (name: string): string | undefined => {
  const pass = { ...aPass({ status: { selector: 'before=it' } }), name }
  selector(pass)
  return pass.draft.status.selector
}

test.each([
  ['workers', 'eks.amazonaws.com/nodegroup=workers'],
  ['9_Workers-b', 'eks.amazonaws.com/nodegroup=9_Workers-b'],
  ['a', 'eks.amazonaws.com/nodegroup=a'],
  ['workers-', undefined],
])('the Nodes of group %s are selected by %s', (name, expected) => {
  expect(selectorOf(name)).toBe(expected)
})
