import { expect, test } from 'vitest'
import { FreshWishes } from './fresh-wishes.ts'

test('a wish is there until it is granted', () => {
  const wishes = new FreshWishes()
  expect(wishes.of('u1')).toBeUndefined()
  wishes.ask('u1', 'Counts')
  const wish = wishes.of('u1')!
  expect(wish.what).toBe('Counts')
  wishes.granted('u1', wish)
  expect(wishes.of('u1')).toBeUndefined()
})

test('what is asked for during the read is not granted by it', () => {
  const wishes = new FreshWishes()
  wishes.ask('u1', 'Everything')
  const wish = wishes.of('u1')!
  wishes.ask('u1', 'Everything')
  wishes.granted('u1', wish)
  expect(wishes.of('u1')).toEqual({ what: 'Everything' })
})

test('who asked for everything does not get less because of a Node', () => {
  const wishes = new FreshWishes()
  wishes.ask('u1', 'Everything')
  wishes.ask('u1', 'Counts')
  expect(wishes.of('u1')).toEqual({ what: 'Everything' })
  wishes.forget('u1')
  expect(wishes.of('u1')).toBeUndefined()
})
