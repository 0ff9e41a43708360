import { expect, test } from 'vitest'
import { decideOwnership, tagsOfMark, originOf, tagsOfCreation } from './ownership.ts'

const mark = { uid: 'u1', object: 'training/workers', cluster: 'mc1' }
const question = { name: 'workers', mark, adoption: 'CreateOnly', takeOver: undefined } as const

const cases: Record<string, [Parameters<typeof decideOwnership>[0], string]> = {
  'nothing there is ours to create': [{ ...question, tags: undefined }, 'absent'],
  'nothing there cannot be adopted': [{ ...question, tags: undefined, adoption: 'AdoptOnly' }, 'NotFound'],
  'our own mark is ours': [{ ...question, tags: tagsOfMark(mark) }, 'ours'],
  'the same object with another uid was restored': [{ ...question, tags: tagsOfMark({ ...mark, uid: 'u0' }) }, 'readopt'],
  'the same name in another management cluster is another': [{ ...question, tags: tagsOfMark({ ...mark, uid: 'u0', cluster: 'mc2' }) }, 'OwnedByAnother'],
  'another object of ours is another': [{ ...question, tags: tagsOfMark({ ...mark, uid: 'u0', object: 'b/workers' }) }, 'OwnedByAnother'],
  'a take-over that names the old owner is obeyed': [
    { ...question, tags: tagsOfMark({ ...mark, uid: 'u0', cluster: 'mc2' }), takeOver: { uid: 'u0', livingOwner: undefined } },
    'readopt',
  ],
  'a take-over from an object that lives is refused': [
    { ...question, tags: tagsOfMark({ ...mark, uid: 'u0', object: 'b/workers' }), takeOver: { uid: 'u0', livingOwner: 'EksNodeGroup b/workers' } },
    'OwnedByAnother',
  ],
  'a take-over that names somebody else is not': [
    { ...question, tags: tagsOfMark({ ...mark, uid: 'u0', cluster: 'mc2' }), takeOver: { uid: 'u9', livingOwner: undefined } },
    'OwnedByAnother',
  ],
  'an unmarked group is not taken unasked': [{ ...question, tags: {} }, 'AlreadyExists'],
  'an unmarked group is adopted when asked': [{ ...question, tags: {}, adoption: 'AdoptOrCreate' }, 'adopt'],
}
test.each(Object.entries(cases))('%s', (_, [given, expected]) => {
  const ownership = decideOwnership(given)
  expect(ownership.kind === 'refused' ? ownership.reason : ownership.kind).toBe(expected)
})

function messageFor(changed: Partial<Parameters<typeof decideOwnership>[0]>): string {
  const ownership = decideOwnership({ ...question, tags: {}, ...changed })
  return ownership.kind === 'refused' ? ownership.message : ''
}

test.each([
  [{ 'aws:cloudformation:stack-name': 'nodes' }, 'CloudFormation'],
  [{ ManagedBy: 'terraform' }, 'Terraform'],
] as const)('who is told to take a group over learns who made it, by its tags %o', (tags, tool) => {
  const words = `; it was made by ${tool}, which may change or delete it: if it is taken here, take it out there`
  expect(messageFor({ tags })).toContain(`another nodeGroupName${words}`)
  expect(messageFor({ tags: { team: 'training' } })).not.toContain('made by')
})

test('a refused take-over names the object that lives', () => {
  const takeOver = { uid: 'u0', livingOwner: 'EksNodeGroup b/workers' }
  expect(messageFor({ tags: tagsOfMark({ ...mark, uid: 'u0', object: 'b/workers' }), takeOver })).toContain(
    'belongs to EksNodeGroup b/workers, which still exists',
  )
})

test('the take-over is told as a whole command, and only with what is shaped like a UID', () => {
  const uid = '8b6c1f0e-0000-4000-8000-000000000000'
  const command = `kubectl annotate eksnodegroup workers -n training --overwrite tidegate.io/take-over=${uid}`
  expect(messageFor({ tags: tagsOfMark({ ...mark, uid, cluster: 'mc2' }) })).toContain(command)
  for (const bad of ['$(reboot)', `${uid}; reboot`, `${uid}\nreboot`, ''])
    expect(messageFor({ tags: tagsOfMark({ ...mark, uid: bad, cluster: 'mc2' }) })).not.toContain('kubectl')
})

test('a group that an earlier life of the same object made comes back as made, any other as found', () => {
  const made = tagsOfCreation({ ...mark, uid: 'u0' })
  expect(originOf(made, mark)).toBe('Created')
  expect(originOf(made, { ...mark, object: 'training/others' })).toBe('Adopted')
  expect(originOf(made, { ...mark, cluster: 'mc2' })).toBe('Adopted')
  expect(originOf(tagsOfMark({ ...mark, uid: 'u0' }), mark)).toBe('Adopted')
  expect(originOf({ 'tidegate.io/origin': 'Created' }, mark)).toBe('Adopted')
})
