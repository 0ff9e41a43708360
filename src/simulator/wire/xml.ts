import { XMLBuilder } from 'fast-xml-parser'

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true })

/** Output members as XML, lists as `<Name><item>…</item></Name>` with the protocol's item name; members that are undefined are left out. */
export function toXml(root: string, namespace: string | undefined, members: object, item: 'member' | 'item'): string {
  const attributes = namespace === undefined ? {} : { '@xmlns': namespace }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [root]: { ...attributes, ...(plain(members, item) as object) } })}`
}

const itemName = Symbol('item')

/** A list whose items have a name of their own instead of the protocol's. */
export function namedList(item: string, values: readonly unknown[]): object {
  return { [itemName]: item, values }
}

function plain(value: unknown, item: string): unknown {
  if (typeof value === 'object' && value !== null && itemName in value) {
    const { [itemName]: name, values } = value as { readonly [itemName]: string; readonly values: readonly unknown[] }
    return values.length === 0 ? '' : { [name]: values.map((entry) => plain(entry, item)) }
  }
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.length === 0 ? '' : { [item]: value.map((entry) => plain(entry, item)) }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => [name, plain(member, item)]),
    )
  }
  return typeof value === 'boolean' || typeof value === 'number' ? String(value) : value
}
