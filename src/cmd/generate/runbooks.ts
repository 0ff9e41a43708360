import type { Kind } from '../../crds/crd.ts'
import { withTables } from './marked-page.ts'

/** Where the page of a reason lies. */
export function runbookPath(reason: string): string {
  return `docs/runbooks/${reason}.md`
}

/** Every reason that asks for a person, with the kinds that show it. */
export function personReasons(kinds: readonly Kind[]): ReadonlyMap<string, readonly Kind[]> {
  const found = new Map<string, readonly Kind[]>()
  for (const kind of kinds) {
    for (const [reason, { needsPerson }] of Object.entries(kind.reasons)) if (needsPerson) found.set(reason, [...(found.get(reason) ?? []), kind])
  }
  return found
}

/**
 * One page for each reason that asks for a person, and their index. What the reason means comes from the registry; what to do is written by hand below
 * it. A new reason gets a page that says nothing more, which the tests do not accept.
 */
export function runbooks(kinds: readonly Kind[], read: (path: string) => string | undefined): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const reasons = [...personReasons(kinds)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const [reason, showing] of reasons) {
    const path = runbookPath(reason)
    files.set(path, withTables(path, read(path) ?? `# ${reason}\n`, showing.map((kind) => meaning(kind, reason)).join('\n')))
  }
  const index = 'docs/runbooks/README.md'
  const rows = reasons.map(([reason, showing]) => `| [${reason}](${reason}.md) | ${showing.map(({ kind }) => kind).join(', ')} |`)
  files.set(index, withTables(index, read(index) ?? '# Runbooks\n', ['| reason | on |', '|---|---|', ...rows].join('\n')))
  return files
}

function meaning({ kind, reasons }: Kind, reason: string): string {
  const { conditions = [], needsEdit = false, meaning: text = '' } = reasons[reason] ?? {}
  const where = `**${kind}**, condition ${conditions.map((type) => `\`${type}\``).join(' or ')}`
  return `- ${where}: ${text}${needsEdit ? ' Nothing is tried again until the object is edited.' : ''}`
}
