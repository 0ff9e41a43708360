import { describe, expect, it } from 'vitest'
import { type ListStyle, parseForm } from './form.ts'

const cases: Readonly<Record<string, readonly [style: ListStyle, form: string, members: object]>> = {
  'plain members stay strings': ['member', 'A=1&B=x', { A: '1', B: 'x' }],
  'Query writes lists with member': ['member', 'L.member.1=a&L.member.2=b', { L: ['a', 'b'] }],
  'lists of structures nest': ['member', 'F.member.1.Name=n&F.member.1.Values.member.1=v', { F: [{ Name: 'n', Values: ['v'] }] }],
  'EC2 writes them flat': ['flat', 'Filter.1.Name=n&Filter.1.Value.1=v&Filter.1.Value.2=w', { Filter: [{ Name: 'n', Value: ['v', 'w'] }] }],
  'the order is that of the numbers, not of the form': ['flat', 'Id.10=j&Id.2=b&Id.1=a', { Id: ['a', 'b', 'j'] }],
  'dots make structures': ['member', 'A.B.C=x', { A: { B: { C: 'x' } } }],
  'names of prototypes are names': ['member', '__proto__.x=1', JSON.parse('{"__proto__":{"x":"1"}}') as object],
}

describe('parseForm', () => {
  it.each(Object.entries(cases))('%s', (_sentence, [style, form, members]) => {
    expect(parseForm(new URLSearchParams(form), style)).toEqual(members)
  })
})
