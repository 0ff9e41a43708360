import { array, assert, boolean, integer, property } from 'fast-check'
import { expect, it } from 'vitest'
import { pageOf } from './paging.ts'

it('gives every item once and in order, whatever the page size, and also when some pages are short', () => {
  assert(
    property(array(integer()), integer({ min: 1, max: 20 }), boolean(), (items, size, short) => {
      const seen: number[] = []
      let token: string | undefined
      do {
        const page = pageOf(items, { size, token, short })
        expect(page?.items.length ?? 0).toBeLessThanOrEqual(size)
        seen.push(...(page?.items ?? []))
        token = page?.next
      } while (token !== undefined)
      expect(seen).toEqual(items)
    }),
  )
})

it.each(['nonsense', Buffer.from('page:9').toString('base64url')])('refuses the token %s that it did not give', (token) => {
  expect(pageOf([1, 2, 3], { size: 2, token })).toBeUndefined()
})

it('makes some pages shorter than asked for when it is told to', () => {
  expect(pageOf([1, 2, 3, 4, 5, 6], { size: 4, short: true })?.items).toEqual([1, 2])
})
