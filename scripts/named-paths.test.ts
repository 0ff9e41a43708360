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

test("every role for people is told on the operator's page, and every role that a page binds is there", () => {
  const roles = (path: string): readonly string[] =>
    [...readFileSync(`${root}${path}`, 'utf8').matchAll(/^kind: ClusterRole\nmetadata:\n {2}name: (\S+)/gm)].map(([, name = '']) => name)
  const page = readFileSync(`${root}docs/operator.md`, 'utf8')
  expect([...page.matchAll(/^\| `(tidegate-[a-z]+)` \|/gm)].map(([, name]) => name)).toEqual(roles('config/rbac/people.yaml'))
  const known = new Set(globSync('config/rbac/*.yaml', { cwd: root }).flatMap(roles))
  const bound = files.flatMap((file) =>
    [...readFileSync(`${root}${file}`, 'utf8').matchAll(/--clusterrole[= ](tidegate[\w-]*)/g)].map(([, name = '']) => ({ file, name })),
  )
  expect(bound.length).toBeGreaterThan(3)
  expect(bound.filter(({ name }) => !known.has(name))).toEqual([])
})
