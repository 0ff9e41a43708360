import { readdirSync, readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { kinds } from '../../../src/crds/index.ts'
import { allRules } from '../../../src/crds/lint.ts'
import { eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { targetClusters } from '../../../src/crds/target-cluster.ts'
import { type Resource, resources } from '../../../src/kube/resource.ts'
import { Api, demand, type Document } from './api.ts'
import { installCrds, installPolicies, openAs } from './install.ts'

const namespace = `examples-${process.pid}-${process.hrtime.bigint().toString(36)}`
const known: Readonly<Record<string, Resource>> = { EksNodeGroup: eksNodeGroups, TargetCluster: targetClusters, Namespace: resources.namespaces }

let api: Api
let as: Readonly<Record<'editor' | 'approver', Api>>
beforeAll(async () => {
  api = await Api.open(inject('controlPlane').identities.admin)
  await installCrds(api)
  await installPolicies(api)
  await api.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  as = await openAs(api, namespace, ['editor', 'approver'])
})
afterAll(async () => {
  await api.deleteNamespace(namespace)
  for (const one of [api, ...Object.values(as)]) await one.close()
})

describe.each(files('accepted'))('accepted/%s', (_name, { documents }) => {
  test.each(documents)('$kind $metadata.name is taken, by create and by server-side apply', async (document) => {
    const resource = resourceOf(document)
    const answers = [await api.create(resource, document, { dryRun: true }), await api.apply(resource, document, { dryRun: true })]
    for (const answer of answers) demand(answer, 201)
    expect(answers.map(({ status }) => status)).toEqual([201, 201])
  })
})

const rejected = files('rejected')

test('every rejected example says what is expected and where', () => {
  const silent = rejected
    .filter(([, { expected, refused, by }]) => expected === '' || !(refused === 'apply' ? by === '' : refused === 'policy' && by in as))
    .map(([name]) => name)
  expect(silent).toEqual([])
  expect(rejected.length).toBeGreaterThan(100)
})

test('no rejected example that is one creation has the name of an accepted one: beside the demo it would be a change of that', () => {
  const accepted = new Set(files('accepted').flatMap(([, { named }]) => named))
  const taken = rejected.filter(([, { named }]) => named.length === 1 && named.some((name) => accepted.has(name))).map(([file]) => file)
  expect(accepted.size).toBeGreaterThan(2)
  expect(taken).toEqual([])
})

test('every CEL rule has an example that it refuses', () => {
  const expectations = rejected.map(([, { expected }]) => expected)
  const messages = kinds.flatMap((kind) => allRules(kind).map(({ rule }) => rule.message))
  const untried = messages.filter((message) => !expectations.some((expected) => message.includes(expected)))
  expect(untried).toEqual([])
})

test('every rule that compares also at creation has an example that it refuses there', () => {
  const atCreationAlone = rejected.filter(([, { documents }]) => documents.length === 1).map(([, { expected }]) => expected)
  const rules = kinds.flatMap((kind) => allRules(kind)).filter(({ rule }) => rule.optionalOldSelf === true)
  const untried = rules.filter(({ rule }) => !atCreationAlone.some((expected) => rule.message.includes(expected)))
  expect(rules.length).toBeGreaterThan(0)
  expect(untried).toEqual([])
})

const bySchema = rejected.filter(([, { refused }]) => refused === 'apply')
const atCreation = bySchema.filter(([, { documents }]) => documents.length === 1)
test.each(atCreation)('rejected/%s is refused at creation, in words', async (_name, { documents, expected }) => {
  const [document] = documents
  if (document === undefined) throw new Error('the file holds no document')
  const resource = resourceOf(document)
  const created = await api.create(resource, document, { dryRun: true })
  expect(created.message).toContain(expected)
  expect(created.status).toBeGreaterThanOrEqual(400)
  const applied = await api.apply(resource, document, { dryRun: true })
  expect(applied.status).toBeGreaterThanOrEqual(400)
})

const atUpdate = bySchema.filter(([, { documents }]) => documents.length > 1)
test.each(atUpdate)('rejected/%s is taken first and refused when it changes, in words', async (_name, { documents, expected }) => {
  const [before, after] = documents
  if (before === undefined || after === undefined) throw new Error('two documents are needed')
  const resource = resourceOf(before)
  const made = await api.apply(resource, before)
  try {
    demand(made, 201)
    const applied = await api.apply(resource, after, { dryRun: true })
    expect(applied.message).toContain(expected)
    expect(applied.status).toBe(422)
    const { uid, resourceVersion } = made.body.metadata ?? {}
    const replacement = { ...after, metadata: { ...after.metadata, uid, resourceVersion } }
    const replaced = await api.replace(resource, replacement, { dryRun: true })
    expect(replaced.message).toContain(expected)
  } finally {
    await api.delete(resource, before)
  }
})

const byPolicy = rejected.filter(([, { refused }]) => refused === 'policy')
test.each(byPolicy)('rejected/%s is refused to whom it names, in words', async (_name, { documents, expected, by }) => {
  const [first, second] = documents
  const person = as[by as keyof typeof as]
  if (first === undefined) throw new Error('the file holds no document')
  const resource = resourceOf(first)
  if (second !== undefined) demand(await api.apply(resource, first), 201)
  // a policy counts a moment after it was taken
  const refusal = async (): Promise<void> => expect((await person.apply(resource, second ?? first, { dryRun: true })).message).toContain(expected)
  await vi.waitFor(refusal, { timeout: 20_000, interval: 100 })
  if (second !== undefined) await api.delete(resource, first)
})

interface Example {
  readonly documents: readonly Document[]
  /** Kind and name of each, as the file has them. */
  readonly named: readonly string[]
  readonly expected: string
  /** `apply`: by the schema and its rules, whoever asks. `policy`: by an admission policy, to the person `by`. */
  readonly refused: string
  readonly by: string
}

/** Examples, moved to a namespace and, where they are cluster-wide and stored, to a name of their own, so that runs side by side do not meet. */
function files(folder: 'accepted' | 'rejected'): readonly (readonly [string, Example])[] {
  const root = new URL(`../../../examples/${folder}/`, import.meta.url)
  return readdirSync(root).map((file) => {
    const text = readFileSync(new URL(file, root), 'utf8')
    const read = loadAll(text) as unknown as readonly Document[]
    const rename = folder === 'accepted' || read.length > 1
    const documents = read.map((document) => moved(document, rename))
    const named = read.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    return [file, { documents, named, expected: header(text, 'expect'), refused: header(text, 'refused'), by: header(text, 'by') }]
  })
}

function moved(document: Document, rename: boolean): Document {
  const { metadata } = document
  if (resourceOf(document).namespaced) return { ...document, metadata: { ...metadata, namespace } }
  return rename ? { ...document, metadata: { ...metadata, name: `${namespace}-${metadata.name}` } } : document
}

function header(text: string, name: string): string {
  return new RegExp(`^# ${name}: (.*)$`, 'm').exec(text)?.[1] ?? ''
}

function resourceOf(document: Document): Resource {
  const resource = known[document.kind]
  if (resource === undefined) throw new Error(`no resource for kind ${document.kind}`)
  return resource
}
