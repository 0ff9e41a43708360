import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname
/** What people read or get as an answer; policies and descriptions of fields are in config. */
const files = globSync(['*.md', 'docs/**/*.md', 'config/**/*.yaml', 'examples/**/*.yaml'], { cwd: root })

/** Where a text tells somebody to do something with an order: this version has no such kind. To be deleted with the first order. */
function sendsToOrders(text: string): readonly string[] {
  const words = text.replaceAll(/[\s#*]+/g, ' ')
  return [
    ...words.matchAll(/\b(?:use|raise|cancel|withdraw|change|take|moved by|written by|what only) (?:or cancel )?(?:(?:an|the|that|by) )?orders?\b(?!:| of\b)/g),
  ].map(([found]) => found)
}

test('what sends somebody to an order is found, and other orders are not', () => {
  const text =
    'to move it, use an order or kubectl scale; raise\n# or cancel an order. It is moved by orders. Take them in this order, use the order of names: written by order: 1'
  expect(sendsToOrders(text)).toEqual(['use an order', 'raise or cancel an order', 'moved by orders'])
})

test.each(files)('%s sends nobody to a kind that does not exist', (file) => {
  expect(sendsToOrders(readFileSync(`${root}${file}`, 'utf8'))).toEqual([])
})
