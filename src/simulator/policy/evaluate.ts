import type { ConditionOperator, PolicyDocument, PolicyStatement } from './document.ts'

/** One thing that a caller must be allowed: an action on a resource, with the context keys that conditions may ask for. */
export interface Need {
  readonly action: string
  readonly resource: string
  readonly context?: Readonly<Record<string, readonly string[]>>
}

/** As IAM decides for one identity: an explicit deny wins, then an allow, else no (IAM user guide, "Policy evaluation logic"). */
export function isAllowed(policy: PolicyDocument, need: Need): boolean {
  const matching = policy.Statement.filter((statement) => applies(statement, need))
  return matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny')
}

function applies(statement: PolicyStatement, need: Need): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement
  // actions are compared without case, resources with
  const actionFits = Action === undefined ? !listed(NotAction, need.action, true) : listed(Action, need.action, true)
  const resourceFits = Resource === undefined ? !listed(NotResource, need.resource, false) : listed(Resource, need.resource, false)
  return actionFits && resourceFits && Object.entries(Condition).every(([operator, keys]) => holds(operator as ConditionOperator, keys ?? {}, need))
}

function holds(operator: ConditionOperator, keys: Readonly<Record<string, string | readonly string[]>>, need: Need): boolean {
  return Object.entries(keys).every(([key, expected]) => {
    const wanted = typeof expected === 'string' ? [expected] : expected
    return operators[operator](need.context?.[key.toLowerCase()] ?? [], wanted)
  })
}

type Test = (actual: readonly string[], wanted: readonly string[]) => boolean

const equals: Test = (actual, wanted) => actual.some((value) => wanted.includes(value))
const like: Test = (actual, wanted) => actual.some((value) => wanted.some((pattern) => glob(pattern, false).test(value)))

const operators: Readonly<Record<ConditionOperator, Test>> = {
  StringEquals: equals,
  StringNotEquals: (actual, wanted) => !equals(actual, wanted),
  StringLike: like,
  StringNotLike: (actual, wanted) => !like(actual, wanted),
  ArnEquals: like,
  ArnLike: like,
  Bool: equals,
  Null: (actual, wanted) => wanted.includes(String(actual.length === 0)),
}

function listed(patterns: string | readonly string[] | undefined, value: string, ignoreCase: boolean): boolean {
  return [patterns ?? []].flat().some((pattern) => glob(pattern, ignoreCase).test(value))
}

function glob(pattern: string, ignoreCase: boolean): RegExp {
  return new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    ignoreCase ? 'i' : '',
  )
}
