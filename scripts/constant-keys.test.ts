import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { plainKeys } from './constant-keys.ts'

test.each([
  ['a key whose constant is in the file', 'const _xN = "xmlName";\nexport var a = { [_xN]: _m };', 'const _xN = "xmlName";\nexport var a = { "xmlName": _m };'],
  ['a key from elsewhere', 'export var a = { [_xN]: _m };', 'export var a = { [_xN]: _m };'],
  ['an element of an array', 'const _M = "Min";\nexport var a = [_M, [_M]];', 'const _M = "Min";\nexport var a = [_M, [_M]];'],
  ['a constant that is not a plain string', 'const _n = 4;\nexport var a = { [_n]: 1 };', 'const _n = 4;\nexport var a = { [_n]: 1 };'],
])('%s', (_, source, expected) => {
  expect(plainKeys(source)).toBe(expected)
})

test("EC2's schemas mean the same, and have no computed key left", async () => {
  const folder = dirname(createRequire(import.meta.url).resolve('@aws-sdk/client-ec2/package.json'))
  const schemas = join(folder, 'dist-es/schemas')
  const source = readFileSync(join(schemas, 'schemas_0.js'), 'utf8')
  const plain = plainKeys(source)
  expect(plain).not.toMatch(/\[_\w+\]:/)
  const [before, after] = await Promise.all([evaluate(source, schemas), evaluate(plain, schemas)])
  expect(Object.keys(before).length).toBeGreaterThan(1000)
  expect(after).toEqual(before)
})

/** What a module with this source exports. Functions, which only point from one schema to another, are left out. */
async function evaluate(contents: string, resolveDir: string): Promise<Record<string, unknown>> {
  const { outputFiles } = await build({ stdin: { contents, resolveDir }, bundle: true, write: false, format: 'esm', platform: 'node', logLevel: 'silent' })
  const module = (await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? '').toString('base64')}`)) as object
  return JSON.parse(JSON.stringify({ ...module })) as Record<string, unknown>
}
