import { blockerReasons } from '../../scaling/drain/blocker-reasons.ts'

/** What can be in a drain's way, one row for each word of `progress.blocked[].reason`. */
export function blockerTable(): string {
  const rows = Object.entries(blockerReasons).map(([reason, { means, remedy }]) => `| \`${reason}\` | ${means} | ${remedy} |`)
  return ['| reason | means | what to do |', '|---|---|---|', ...rows].join('\n')
}
