import { expect, test } from 'vitest'
import { aGroup } from '../test-pass.ts'
import { aSpec } from '../test-spec.ts'
import { appliedOf } from './applied.ts'
import { type Applied } from './keys.ts'
import { planTags } from './tags-plan.ts'

const tagged = (tags: Record<string, string>): ReturnType<typeof aGroup> => aGroup({ tags })

test.each<[string, Record<string, string> | undefined, Record<string, string>, Applied, ReturnType<typeof planTags>]>([
  ['a foreign tag stays', { team: 'a' }, { team: 'a', other: 'x' }, {}, undefined],
  ['another value is set', { team: 'a' }, { team: 'b' }, {}, { set: { team: 'a' }, remove: [] }],
  ['one that we brought and that left the spec is removed', { team: 'a' }, { team: 'a', old: 'x' }, { tags: ['old', 'team'] }, { set: {}, remove: ['old'] }],
  ['one that somebody removed already is nothing to do', {}, {}, { tags: ['old'] }, undefined],
  ['one whose name every object knows goes like any other', {}, { constructor: 'x' }, { tags: ['constructor'] }, { set: {}, remove: ['constructor'] }],
  ['one with such a name that is gone is nothing to do', undefined, {}, { tags: ['constructor'] }, undefined],
  ['a spec without tags takes ours off', undefined, { team: 'a', other: 'x' }, { tags: ['team'] }, { set: {}, remove: ['team'] }],
])('A6: %s', (_, wish, there, applied, plan) => {
  expect(planTags(wish, tagged(there), applied)).toEqual(plan)
})

test.each<[string, Record<string, string> | undefined, Record<string, string>, Applied, boolean, readonly string[] | undefined]>([
  ['what the spec names is known before it is sent', { b: '1', a: '1' }, {}, {}, false, ['a', 'b']],
  ['what left the spec is known as long as it is there', undefined, { a: '1' }, { tags: ['a'] }, false, ['a']],
  ['what is gone is forgotten', undefined, {}, { tags: ['a'] }, false, undefined],
  ['what is on its way is not', undefined, {}, { tags: ['a'] }, true, ['a']],
])('%s', (_, tags, there, before, sending, known) => {
  expect(appliedOf(aSpec(tags === undefined ? {} : { tags }), tagged(there), before, sending)?.tags).toEqual(known)
})
