/** Two ways to write lists in a form: `List.member.1` (Query; maps use `entry`) and `List.1` (EC2). */
export type ListStyle = 'member' | 'flat'

interface Tree {
  [name: string]: Tree | string
}

/** Form parameters such as `Filters.member.1.Name=x` as nested members; everything is still a string. */
export function parseForm(parameters: URLSearchParams, style: ListStyle): Record<string, unknown> {
  const root: Tree = Object.create(null) as Tree
  for (const [name, value] of parameters) {
    const steps = name.split('.')
    const last = steps.pop() ?? ''
    let at = root
    for (const step of steps) {
      const known = at[step]
      const next: Tree = typeof known === 'object' ? known : (Object.create(null) as Tree)
      at[step] = next
      at = next
    }
    at[last] = value
  }
  return shape(root, style) as Record<string, unknown>
}

function shape(node: Tree | string, style: ListStyle): unknown {
  if (typeof node === 'string') return node
  const names = Object.keys(node)
  const inner = node['member']
  if (style === 'member' && names.length === 1 && typeof inner === 'object') return listOf(inner, style)
  if (names.length > 0 && names.every((name) => /^[1-9]\d*$/.test(name))) return listOf(node, style)
  return Object.fromEntries(names.map((name) => [name, shape(node[name] ?? '', style)]))
}

function listOf(node: Tree, style: ListStyle): readonly unknown[] {
  return Object.keys(node)
    .toSorted((a, b) => Number(a) - Number(b))
    .map((name) => shape(node[name] ?? '', style))
}
