import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { layers } from './import-table.ts'

/** Rows of the table in docs/ARCHITECTURE.md: folder → what it may import. */
function documented(): Map<string, string[]> {
  const text = readFileSync('docs/ARCHITECTURE.md', 'utf8')
  const rows = text.slice(text.indexOf('| folder | what it is | may import |')).split('\n').slice(2)
  const found = new Map<string, string[]>()
  for (const row of rows) {
    const [, folder, , imports] = row.split('|').map((cell) => cell.trim())
    if (folder === undefined || imports === undefined) break
    const names = imports.replaceAll(' (types)', '').split(', ')
    found.set(folder.replaceAll('`', ''), names[0] === 'nothing' ? [] : names)
  }
  return found
}

test('the page lists every folder that there is, with what the enforced table allows it', () => {
  const rows = documented()
  const folders = readdirSync('src').filter((name) => existsSync(`src/${name}`) && name !== 'cmd')
  expect([...rows.keys()].filter((name) => name !== 'cmd').toSorted()).toEqual(folders.toSorted())
  for (const folder of folders) {
    const allowed = (layers[folder] ?? []).filter((name) => folders.includes(name))
    expect({ folder, imports: rows.get(folder)?.toSorted() }).toEqual({ folder, imports: allowed.toSorted() })
  }
})
