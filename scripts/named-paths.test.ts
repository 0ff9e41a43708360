import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname
/** What people read: pages, and the messages and meanings in the code. */
const files = globSync(['*.md', 'docs/**/*.md', 'src/**/*.ts'], { cwd: root, exclude: ['src/**/*.test.ts'] })

/** Files and folders of this repository that a text sends somebody to, also by the name of a chart. Where a path goes on with a value, the folder. */
function namedIn(text: string): readonly string[] {
  const paths = [...text.matchAll(/(?<![\w/.-])(?:\.\.?\/)*((?:config|docs|examples|charts)\/[\w./-]*\w)/g)].map(([, path = '']) => path)
  const charts = [...text.matchAll(/\bchart `?(tidegate[\w-]*)/g)].map(([, name = '']) => `charts/${name}`)
  return [...paths, ...charts]
}

test('what a text sends people to is found', () => {
  const text = 'apply config/rbac/target.yaml, [so](../../docs/x.md), https://k8s.io/docs/no, `config/crd/${name}`. Install the chart tidegate-target.'
  expect(namedIn(text)).toEqual(['config/rbac/target.yaml', 'docs/x.md', 'config/crd', 'charts/tidegate-target'])
})

test('every path and chart of this repository that a page or a message names is there', () => {
  const named = files.flatMap((file) => namedIn(readFileSync(`${root}${file}`, 'utf8')).map((path) => ({ file, path })))
  expect(named.length).toBeGreaterThan(40)
  expect(named.filter(({ path }) => !existsSync(`${root}${path}`))).toEqual([])
})
