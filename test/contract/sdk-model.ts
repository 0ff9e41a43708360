/**
 * A shape in the SDK's own model, or the number of a simple type. A structure is `[3, namespace, name, traits, member names, member shapes, how many are
 * required]`, the required members first; a list `[1, …, member]`; a map `[2, …, key, value]`; an operation `[9, …, input, output]`. Where a member has
 * traits it is `[shape, traits]`.
 */
export type Shape = unknown

interface Structure {
  readonly members: ReadonlyMap<string, Shape>
  readonly required: readonly string[]
}

/** `undefined` for what is no structure. */
export function structureOf(shape: Shape): Structure | undefined {
  const resolved = resolve(shape)
  if (!Array.isArray(resolved) || resolved[0] !== 3) return undefined
  const names = resolved[4] as readonly string[]
  const shapes = resolved[5] as readonly Shape[]
  return { members: new Map(names.map((name, index) => [name, shapes[index]])), required: names.slice(0, (resolved[6] as number | undefined) ?? 0) }
}

/** What an operation takes. */
export function inputOf(operation: Shape): Shape {
  if (!Array.isArray(operation) || operation[0] !== 9) throw new Error('the SDK has no such operation')
  return operation[4] as Shape
}

/** The shape of a list's members; `undefined` for what is no list of structures. */
export function memberOf(shape: Shape): Shape {
  const resolved = resolve(shape)
  return Array.isArray(resolved) && resolved[0] === 1 ? resolved[4] : undefined
}

/** Paths of members that the model does not have. */
export function strangers(value: unknown, shape: Shape, path = ''): readonly string[] {
  return compare(value, shape, path, (members, { members: known }) => Object.keys(members).filter((name) => !known.has(name)))
}

/** Paths of members that the model requires and that are not there. */
export function missing(value: unknown, shape: Shape, path = ''): readonly string[] {
  return compare(value, shape, path, (members, { required }) => required.filter((name) => members[name] === undefined))
}

type Members = Readonly<Record<string, unknown>>

function compare(value: unknown, shape: Shape, path: string, wrong: (members: Members, structure: Structure) => readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => compare(item, memberOf(shape), `${path}[${index}]`, wrong))
  const structure = structureOf(shape)
  if (typeof value !== 'object' || value === null || structure === undefined) return []
  const inner = Object.entries(value).flatMap(([name, member]) => compare(member, structure.members.get(name), `${path}.${name}`, wrong))
  return [...wrong(value as Members, structure).map((name) => `${path}.${name}`), ...inner]
}

function resolve(shape: Shape): Shape {
  if (typeof shape === 'function') return (shape as () => Shape)()
  return Array.isArray(shape) && typeof shape[0] === 'function' ? (shape[0] as () => Shape)() : shape
}
