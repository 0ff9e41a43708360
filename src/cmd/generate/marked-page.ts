const begin = '<!-- generated: begin -->'
const end = '<!-- generated: end -->'

/** Puts the tables between the markers, or at the end of a page that has none. Throws, with the path, where only one marker stands. */
export function withTables(path: string, page: string, tables: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 && to < 0) return `${page.trimEnd()}\n\n${begin}\n\n${tables}\n\n${end}\n`
  if (from < 0 || to < from) throw new Error(`${path}: the markers ${begin} and ${end} must stand in this order`)
  return `${page.slice(0, from)}${begin}\n\n${tables}\n\n${page.slice(to)}`
}
