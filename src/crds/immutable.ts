import type { Rule } from './schema.ts'

/**
 * A required field that never changes after creation. It stands on the parent, like its partner for optional fields, so that all such rules of a
 * struct are read in one place.
 */
export function immutable(field: string, remedy: string): Rule {
  return { rule: `self.${field} == oldSelf.${field}`, message: `${field} cannot change after creation: ${remedy}`, fieldPath: `.${field}`, updateOnly: true }
}

/**
 * An optional field that never changes after creation, is never added and never removed. A rule on the field itself would not run when the field
 * goes away or comes later; that is why it stands on the parent with `has()` on both sides. `unless` is a CEL expression that lifts the rule.
 */
export function immutableOptional(field: string, remedy: string, unless?: string): Rule {
  const same = `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`
  return {
    rule: unless === undefined ? same : `(${unless}) || (${same})`,
    message: `${field} cannot be changed, added or removed after creation: ${remedy}`,
    updateOnly: true,
  }
}

/** An optional field that may come later, and from then on never changes and never goes. */
export function setOnce(field: string, remedy: string): Rule {
  return {
    rule: `!has(oldSelf.${field}) || (has(self.${field}) && self.${field} == oldSelf.${field})`,
    message: `${field} cannot change or be removed once it is set: ${remedy}`,
    updateOnly: true,
  }
}
