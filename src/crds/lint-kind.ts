import { type Kind, toCrd } from './crd.ts'
import { policiesFor } from './policies/index.ts'
import { isObject, type JsonObject, toStructural } from './structural.ts'

type Say = (path: string, message: string) => void

/** `kubectl apply` without --server-side keeps the whole object in an annotation, and the API server takes 256 KiB of those. */
const maxBytes = 250_000

const historyMembers = ['time', 'operation', 'from', 'to', 'outcome', 'fieldManager', 'orderUID']

/** What a kind as a whole must have. */
export function lintWhole(kind: Kind, say: Say): void {
  lintConditionNames(kind, say)
  const [spec, status] = [propertiesOf(toStructural(kind.spec, 'spec')), propertiesOf(toStructural(kind.status, 'status'))]
  if (!isObject(spec['suspend']) || spec['suspend']['type'] !== 'boolean') say('spec.suspend', 'is missing: Git stops every outside write with it')
  lintHeldAndReferred(kind, spec, say)
  if (isObject(status['ownership'])) lintOwner(kind, spec, status, say)
  if (isObject(status['history'])) lintShape(status['history'], historyMembers, 'status.history', say)
  if (isObject(status['history']) && Number(status['history']['maxItems']) > 10) say('status.history', 'keeps at most 10')
  lintEvents(kind, say)
  if (JSON.stringify(toCrd(kind)).length > maxBytes) say('descriptions', 'the CRD is larger than an annotation may be: shorten them')
}

function lintConditionNames(kind: Kind, say: Say): void {
  for (const type of kind.conditions) {
    if (!/^[A-Z][A-Za-z0-9]*$/.test(type)) say(`conditions.${type}`, 'a condition is one word in PascalCase')
    if (/^(Not|No|Un|In(?!Sync)|Dis|Missing|Degraded)(?=[A-Z]|$)|(Failed|Error|Missing|Pending)$/.test(type))
      say(`conditions.${type}`, 'True is good: name it positively')
    if (['Ready', 'Reconciling', 'Stalled', 'Paused'].includes(type)) say(`conditions.${type}`, 'is computed, not a dependent of Ready')
  }
}

/** Who reads a Warning at night wants to know what to do. */
function lintEvents({ events }: Kind, say: Say): void {
  for (const [reason, { type, when, remedy }] of Object.entries(events)) {
    if (!/^[A-Z][A-Za-z0-9]*$/.test(reason)) say(`events.${reason}`, 'a reason is one word in PascalCase')
    if (when === '') say(`events.${reason}`, 'when it is told is missing')
    if (remedy === '' || (type === 'Warning' && remedy.startsWith('Nothing'))) say(`events.${reason}`, 'a Warning says what to do')
  }
}

/** Who holds it back is a reason of `Paused`, and what is referred to and not there one that heals by itself. */
function lintHeldAndReferred({ reasons }: Kind, spec: JsonObject, say: Say): void {
  for (const reason of ['Suspended', 'Frozen']) if (reasons[reason]?.conditions.includes('Paused') !== true) say(`reasons.${reason}`, 'is missing from Paused')
  const refers = Object.keys(spec).some((name) => /Refs?$/.test(name))
  if (refers && reasons['ReferenceNotFound'] === undefined) say('reasons.ReferenceNotFound', 'is missing from a kind that refers to others')
}

/** A kind that owns something in AWS says how it is treated, and how it differs. */
function lintOwner(kind: Kind, spec: JsonObject, status: JsonObject, say: Say): void {
  const policy = isObject(spec['policy']) ? propertiesOf(spec['policy']) : {}
  for (const member of ['management', 'adoption', 'deletion'])
    if (!isObject(policy[member])) say(`spec.policy.${member}`, 'is missing from a kind that owns AWS resources')
  const { required } = toStructural(kind.spec, 'spec')
  const needed = (Array.isArray(required) ? required.map(String) : []).filter((name) => !/(Ref|Name)$/.test(name))
  if (needed.length > 0) say('spec', `management Observe needs the reference and the name alone, so nothing else is required: ${needed.join(', ')}`)
  if (isObject(policy['deletion']) && policy['deletion']['default'] !== undefined) {
    say('spec.policy.deletion', 'has no default in the schema: it depends on who made the resource')
  }
  const isGuarded = policiesFor('').some(({ plural, operations }) => plural === kind.plural && operations.includes('DELETE'))
  if (!isGuarded) say('deletion', 'what it made in AWS would go with it: an admission policy asks for a confirmation')
  if (!kind.conditions.includes('InSync')) say('conditions.InSync', 'is missing')
  if (isObject(status['drift'])) lintShape(status['drift'], ['field', 'desired', 'actual', 'remedy'], 'status.drift', say)
  else say('status.drift', 'is missing')
  if (!isObject(status['history'])) say('status.history', 'is missing')
}

function lintShape(list: JsonObject, members: readonly string[], path: string, say: Say): void {
  const items = isObject(list['items']) ? propertiesOf(list['items']) : {}
  const strange = [...members.filter((member) => !isObject(items[member])), ...Object.keys(items).filter((member) => !members.includes(member))]
  if (strange.length > 0) say(path, `has the members ${members.join(', ')}, no more and no less: ${strange.join(', ')}`)
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isObject(properties) ? properties : {}
}
