import { expect, test } from 'vitest'
import { wellFormed } from './well-formed.ts'

test('half a surrogate pair is replaced, wherever it stands, and nothing else is', () => {
  const cut = 'held by 🚀'.slice(0, -1)
  expect(wellFormed({ message: cut, list: [cut, 1, null, true], fine: '🚀 ü' })).toEqual({
    message: 'held by \ufffd',
    list: ['held by \ufffd', 1, null, true],
    fine: '🚀 ü',
  })
})
