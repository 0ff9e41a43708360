import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { targetClusters } from '../../../src/crds/target-cluster.ts'
import { type Answer, Api, demand, type Document } from './api.ts'
import { freshNamespace, installCrds, installPolicies, openAs } from './install.ts'

let admin: Api
let namespace: string
let parent: object
let as: Readonly<Record<'editor' | 'approver' | 'operator', Api>>
beforeAll(async () => {
  admin = await Api.open(inject('controlPlane').identities.admin)
  await installCrds(admin)
  await installPolicies(admin)
  namespace = await freshNamespace(admin)
  as = await openAs(admin, namespace, ['editor', 'approver', 'operator'])
  demand(await admin.create(eksNodeGroups, group('counts', {}, { policy: { management: 'Observe' } })), 201)
  // It has to be there: the garbage collector takes the children of those that are not.
  const { uid: parentUid } = await stored('parent')
  parent = { apiVersion: 'tidegate.io/v1alpha1', kind: 'EksNodeGroup', name: 'parent', uid: parentUid }
  await inForce()
})
afterAll(async () => {
  await admin.deleteNamespace(namespace)
  for (const api of [admin, ...Object.values(as)]) await api.close()
})

async function isRefused(attempt: () => Promise<Answer>): Promise<void> {
  const words = 'ValidatingAdmissionPolicy'
  await vi.waitFor(async () => expect((await attempt()).message).toContain(words), { timeout: 60_000, interval: 100 })
}

/** Each policy is compiled by itself, some moments after it was taken. */
async function inForce(): Promise<void> {
  const { editor } = as
  await isRefused(() => editor.create(eksNodeGroups, group('x', {}, { scaling: { maxSize: 3, removals: [removal] } }), { dryRun: true }))
  await isRefused(() => editor.create(eksNodeGroups, group('x', {}, { scaleDown: { drain: 'None' } }), { dryRun: true }))
  await isRefused(() => editor.create(eksNodeGroups, group('x', {}, { update: { approval: 'Automatic' } }), { dryRun: true }))
  const sized = await stored('sized', {}, { scaling: { maxSize: 3, desiredSize: 1 } })
  await isRefused(() => editor.patch(eksNodeGroups, sized, { spec: { scaling: { desiredSize: 2 } } }, { dryRun: true }))
  const busy = await stored('busy', {}, {}, running(2))
  await isRefused(() => editor.delete(eksNodeGroups, { metadata: busy }, { dryRun: true }))
  const target = await usedTarget()
  await isRefused(() => admin.delete(targetClusters, target, { dryRun: true }))
  await admin.patch(targetClusters, target.metadata, { metadata: { annotations: { [confirm]: await uidOf(targetClusters, target.metadata) } } })
  demand(await admin.delete(targetClusters, target), 200)
}

const confirm = 'tidegate.io/confirm-deletion'
const approveUpdate = 'tidegate.io/approve-update'
const uid = '6d0c0000-0000-4000-8000-000000000001'
const removal = { nodeUID: uid, nodeName: 'ip-10-0-1-23', providerID: 'aws:///us-west-2a/i-0a1b2c3d4e5f60001', orderUID: uid }

function group(name: string, metadata: object = {}, spec: object = {}): Document {
  const base = {
    targetClusterRef: { name: 'demo' },
    subnetIds: ['subnet-0a1b2c3d4e5f60001'],
    nodeRoleArn: 'arn:aws:iam::111122223333:role/demo-node',
    scaling: { maxSize: 5 },
  }
  return { apiVersion: 'tidegate.io/v1alpha1', kind: 'EksNodeGroup', metadata: { name, namespace, ...metadata }, spec: { ...base, ...spec } }
}

type Key = Document['metadata'] & { readonly uid: string }

/** A group that is there before the attempt, with a status as the operator would have written it. */
async function stored(name: string, metadata: object = {}, spec: object = {}, status?: object): Promise<Key> {
  const made = await admin.create(eksNodeGroups, group(name, metadata, spec))
  demand(made, 201)
  if (status !== undefined) demand(await withStatus(eksNodeGroups, { name, namespace }, 'EksNodeGroup', status), 200)
  return { name, namespace, uid: made.body.metadata?.uid ?? '' }
}

async function withStatus(
  resource: typeof eksNodeGroups | typeof targetClusters,
  metadata: Document['metadata'],
  kind: string,
  status: object,
): Promise<Answer> {
  return await admin.apply(resource, { apiVersion: 'tidegate.io/v1alpha1', kind, metadata, status }, { subresource: 'status' })
}

async function uidOf(resource: typeof eksNodeGroups | typeof targetClusters, key: Document['metadata']): Promise<string> {
  return (await admin.get(resource, key)).body.metadata?.uid ?? ''
}

async function usedTarget(): Promise<Document> {
  const target: Document = {
    apiVersion: 'tidegate.io/v1alpha1',
    kind: 'TargetCluster',
    metadata: { name: namespace },
    spec: { connection: { inCluster: {} }, aws: { region: 'us-west-2' }, suspend: true },
  }
  demand(await admin.create(targetClusters, target), 201)
  demand(await withStatus(targetClusters, target.metadata, 'TargetCluster', { usedBy: 'training/workers' }), 200)
  return target
}

function running(nodes: number, desiredSize = nodes, more: object = {}): object {
  return {
    arn: 'arn:aws:eks:us-west-2:111122223333:nodegroup/demo/workers/0a1b',
    nodes: { running: nodes, joined: nodes, ready: nodes, summary: `${nodes}/${desiredSize}` },
    scaling: { minSize: 0, maxSize: 5, desiredSize, desiredSizeOwner: 'Orders' },
    ownership: { origin: 'Created', since: '2026-11-21T06:00:00Z' },
    ...more,
  }
}

function annotated(annotations: Readonly<Record<string, string>>): object {
  return { metadata: { annotations } }
}

/** A name that no other case has. */
function nameOf(sentence: string): string {
  return `g-${sentence
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 48)
    .replace(/-$/, '')}`
}

const letThrough = 'let through'

/** `letThrough`, or the words of the refusal. */
function verdict({ status, message }: Answer): string {
  return status < 300 ? letThrough : message
}

describe.concurrent('a deletion', () => {
  type Case = readonly [
    given: { readonly metadata?: object; readonly owner?: object; readonly spec?: object; readonly status?: object },
    refused: string | undefined,
  ]
  const cases: Readonly<Record<string, Case>> = {
    'of a group with nodes': [{ status: running(2) }, '2 nodes of '],
    'of a group whose nodes are on their way': [{ status: running(0, 3) }, '3 nodes of '],
    'of a group at 0': [{ status: running(0) }, undefined],
    'of a group that was never made': [{}, undefined],
    'of a group without status.nodes': [{ status: { scaling: { minSize: 0, maxSize: 5, desiredSize: 3, desiredSizeOwner: 'Orders' } } }, undefined],
    'of a group that is retained': [{ spec: { policy: { deletion: 'Retain' } }, status: running(2) }, undefined],
    'of a group that is only observed': [{ spec: { policy: { management: 'Observe' } }, status: running(2) }, undefined],
    'of an object whose group is somebody else’s': [{ status: running(2, 2, { ownership: undefined }) }, undefined],
    'of an adopted group': [{ status: running(2, 2, { ownership: { origin: 'Adopted', since: '2026-11-21T06:00:00Z' } }) }, undefined],
    'of an adopted group with policy Delete': [
      { spec: { policy: { deletion: 'Delete' } }, status: running(2, 2, { ownership: { origin: 'Adopted', since: '2026-11-21T06:00:00Z' } }) },
      '2 nodes of ',
    ],
    'confirmed with another word': [{ metadata: { annotations: { [confirm]: 'yes' } }, status: running(2) }, '2 nodes of '],
    'of a child of another object': [{ owner: { controller: true }, status: running(2) }, undefined],
    'of an object with an owner that does not control it': [{ owner: {}, status: running(2) }, '2 nodes of '],
  }
  test.for(Object.entries(cases))('%s', async ([sentence, [{ metadata, owner, spec, status }, refused]]) => {
    const ownerReferences = owner === undefined ? undefined : [{ ...parent, ...owner }]
    const key = await stored(nameOf(sentence), { ...metadata, ownerReferences }, spec, status)
    expect(verdict(await as.editor.delete(eksNodeGroups, { metadata: key }, { dryRun: true }))).toContain(refused ?? letThrough)
  })

  test('is refused with a line that lets it through', async () => {
    const key = await stored('confirmed', {}, {}, running(2))
    const { message } = await as.editor.delete(eksNodeGroups, { metadata: key })
    expect(message).toContain(`kubectl annotate eksnodegroup confirmed -n ${namespace} --overwrite ${confirm}=${key.uid};`)
    expect(message).toContain(`kubectl patch eksnodegroup confirmed -n ${namespace} --type=merge -p '{"spec":{"policy":{"deletion":"Retain"}}}'`)
    demand(await as.editor.patch(eksNodeGroups, key, { metadata: { annotations: { [confirm]: key.uid } } }), 200)
    demand(await as.editor.delete(eksNodeGroups, { metadata: key }), 200)
  })

  test('is let through a second time, and once the object is abandoned', async () => {
    const key = await stored('twice', { finalizers: ['example.com/test'], annotations: {} }, {}, running(0))
    demand(await as.editor.delete(eksNodeGroups, { metadata: key }), 200)
    demand(await withStatus(eksNodeGroups, { name: 'twice', namespace }, 'EksNodeGroup', running(2)), 200)
    demand(await as.editor.delete(eksNodeGroups, { metadata: key }), 200)
    demand(await admin.patch(eksNodeGroups, key, { metadata: { finalizers: null } }), 200)
    const left = await stored('abandoned', {}, {}, running(2))
    demand(await as.editor.patch(eksNodeGroups, left, { metadata: { annotations: { 'tidegate.io/abandon': left.uid } } }), 200)
    expect(verdict(await as.editor.delete(eksNodeGroups, { metadata: left }))).toBe(letThrough)
  })

  test('of a namespace reaches the group, whose finalizer then holds it', async () => {
    const other = await freshNamespace(admin)
    const document = group('inside', { namespace: other, finalizers: ['example.com/test'] })
    demand(await admin.create(eksNodeGroups, document), 201)
    demand(await withStatus(eksNodeGroups, { name: 'inside', namespace: other }, 'EksNodeGroup', running(2)), 200)
    await admin.deleteNamespace(other)
    const key = { namespace: other, name: 'inside' }
    const leaving = async (): Promise<void> => expect((await admin.get(eksNodeGroups, key)).body.metadata?.deletionTimestamp).toBeDefined()
    await vi.waitFor(leaving, { timeout: 60_000, interval: 100 })
    demand(await admin.patch(eksNodeGroups, key, { metadata: { finalizers: null } }), 200)
  })

  test('of a TargetCluster in use names who uses it, and is let through when it is confirmed', async () => {
    const target = await usedTarget()
    const own = await uidOf(targetClusters, target.metadata)
    const { message } = await admin.delete(targetClusters, target)
    expect(message).toContain('is used, by EksNodeGroup training/workers for one')
    expect(message).toContain(`kubectl annotate targetcluster ${namespace} --overwrite ${confirm}=${own}`)
    demand(await admin.patch(targetClusters, target.metadata, { metadata: { annotations: { [confirm]: own } } }), 200)
    demand(await admin.delete(targetClusters, target), 200)
  })
})

describe.concurrent('a change', () => {
  type Person = 'admin' | 'editor' | 'approver' | 'operator'
  type Case = readonly [who: Person, from: { readonly metadata?: object; readonly spec?: object }, to: object, refused?: string]
  const sized = { spec: { scaling: { maxSize: 5, desiredSize: 2 } } }
  const forced = { spec: { scaleDown: { onTimeout: 'Force' } } }
  const ownership = 'sizeOwner is Orders: leave desiredSize out of the file'
  const mayNotForce = 'editor@example.com needs the verb force'
  const mayNotApprove = 'editor@example.com needs the verb approve'
  const approvesOnly = 'approver@example.com may approve updates'
  const cases: Readonly<Record<string, Case>> = {
    'another number under Orders': ['editor', sized, { spec: { scaling: { desiredSize: 3 } } }, ownership],
    'another number under Orders, by an administrator': ['admin', sized, { spec: { scaling: { desiredSize: 3 } } }, ownership],
    'a number added under Orders': ['editor', {}, { spec: { scaling: { desiredSize: 3 } } }, ownership],
    'the number taken out under Orders': ['editor', sized, { spec: { scaling: { desiredSize: null } } }, 'is not taken out of the object'],
    'the same number under Orders': ['editor', sized, { spec: { scaling: { desiredSize: 2, maxSize: 4 } } }],
    'another number under Orders, by the operator': ['operator', sized, { spec: { scaling: { desiredSize: 3 } } }],
    'another number and owner Spec': ['editor', sized, { spec: { scaling: { desiredSize: 3, sizeOwner: 'Spec' } } }],
    'owner Orders and no number': [
      'editor',
      { spec: { scaling: { maxSize: 5, desiredSize: 2, sizeOwner: 'Spec' } } },
      { spec: { scaling: { desiredSize: null, sizeOwner: 'Orders' } } },
    ],
    'another number under Spec': [
      'editor',
      { spec: { scaling: { maxSize: 5, desiredSize: 2, sizeOwner: 'Spec' } } },
      { spec: { scaling: { desiredSize: 3 } } },
    ],
    'a node named for removal': [
      'editor',
      {},
      { spec: { scaling: { removals: [removal] } } },
      'for orders, a kind that this version does not have yet: to remove nodes, lower the number with kubectl scale',
    ],
    'a removal taken out': [
      'editor',
      { spec: { scaling: { maxSize: 5, removals: [removal] } } },
      { spec: { scaling: { removals: null } } },
      'scaling.removals is written by the operator alone',
    ],
    'something else beside a removal': ['editor', { spec: { scaling: { maxSize: 5, removals: [removal] } } }, { spec: { scaling: { maxSize: 4 } } }],
    'a node named for removal by the operator': ['operator', {}, { spec: { scaling: { removals: [removal] } } }],
    'onTimeout Force': ['editor', {}, { spec: { scaleDown: { onTimeout: 'Force' } } }, mayNotForce],
    'drain None': ['editor', {}, { spec: { scaleDown: { drain: 'None' } } }, mayNotForce],
    'onTimeout Force by somebody who may': ['admin', {}, { spec: { scaleDown: { onTimeout: 'Force' } } }],
    'a forced update': ['editor', forced, { spec: { update: { force: true } } }, mayNotForce],
    'a shorter timeout before Force': ['editor', forced, { spec: { scaleDown: { timeout: '5m' } } }, mayNotForce],
    'something else beside Force': ['editor', forced, { spec: { scaling: { maxSize: 4 } } }],
    'Force taken back': ['editor', forced, { spec: { scaleDown: { onTimeout: 'Wait' } } }],
    'an approval by an editor': ['editor', {}, annotated({ [approveUpdate]: '1' }), mayNotApprove],
    'an approval by an approver': ['approver', {}, annotated({ [approveUpdate]: '1' })],
    'another approval by an editor': ['editor', { metadata: { annotations: { [approveUpdate]: '1' } } }, annotated({ [approveUpdate]: '2' }), mayNotApprove],
    'an approval that stays': ['editor', { metadata: { annotations: { [approveUpdate]: '1' } } }, { spec: { version: '1.36' } }],
    'an automatic update': ['editor', {}, { spec: { update: { approval: 'Automatic' } } }, mayNotApprove],
    'an automatic update that stays': ['editor', { spec: { update: { approval: 'Automatic' } } }, { spec: { scaling: { maxSize: 4 } } }],
    'a spec by an approver': ['approver', {}, { spec: { scaling: { maxSize: 4 } } }, approvesOnly],
    'another annotation by an approver': ['approver', {}, annotated({ [approveUpdate]: '1', 'tidegate.io/take-over': uid }), approvesOnly],
    'an annotation taken away by an approver': [
      'approver',
      { metadata: { annotations: { 'tidegate.io/frozen-until': 'x' } } },
      { metadata: { annotations: { 'tidegate.io/frozen-until': null } } },
      approvesOnly,
    ],
    'a finalizer by an approver': ['approver', {}, { metadata: { finalizers: ['example.com/test'] } }, approvesOnly],
    'a label by an approver': ['approver', {}, { metadata: { labels: { a: 'b' } } }, approvesOnly],
  }
  test.for(Object.entries(cases))('%s', async ([sentence, [who, from, to, refused]]) => {
    const name = nameOf(sentence)
    const maker = JSON.stringify(from).includes('removals') ? as.operator : admin
    demand(await maker.create(eksNodeGroups, group(name, from.metadata, from.spec)), 201)
    const api = who === 'admin' ? admin : as[who]
    expect(verdict(await api.patch(eksNodeGroups, { namespace, name }, to, { dryRun: true }))).toContain(refused ?? letThrough)
  })

  test('of the number through /scale is let through', async () => {
    const key = await stored('by-scale', {}, sized.spec)
    expect(verdict(await as.editor.scale(eksNodeGroups, key, 3))).toBe(letThrough)
  })

  test('by an apply that leaves out what others own takes nothing from them', async () => {
    const file = group('from-git')
    demand(await as.editor.apply(eksNodeGroups, file, { fieldManager: 'git' }), 201)
    const scaling = { desiredSize: 2, removals: [removal] }
    const document = { ...group('from-git'), spec: { scaling } }
    demand(await as.operator.apply(eksNodeGroups, document, { fieldManager: 'tidegate-orders' }), 200)
    const again = await as.editor.apply(eksNodeGroups, file, { fieldManager: 'git' })
    demand(again, 200)
    expect(again.body.spec).toMatchObject({ scaling })
  })
})

describe.concurrent('a creation', () => {
  const cases: Readonly<Record<string, readonly [metadata: object, spec: object, refused?: string]>> = {
    'with a number under Orders': [{}, { scaling: { maxSize: 5, desiredSize: 2 } }],
    'with an approval': [{ annotations: { [approveUpdate]: '1' } }, {}, 'needs the verb approve'],
    'with automatic updates': [{}, { update: { approval: 'Automatic' } }, 'needs the verb approve'],
    'with Force': [{}, { scaleDown: { onTimeout: 'Force' } }, 'needs the verb force'],
    'with a removal': [{}, { scaling: { maxSize: 5, removals: [removal] } }, 'scaling.removals is written by the operator alone'],
    'of what is only observed': [{}, { policy: { management: 'Observe' }, scaling: undefined, subnetIds: undefined, nodeRoleArn: undefined }],
  }
  test.for(Object.entries(cases))('%s', async ([sentence, [metadata, spec, refused]]) => {
    const answer = await as.editor.create(eksNodeGroups, group(nameOf(sentence), metadata, spec), { dryRun: true })
    expect(verdict(answer)).toContain(refused ?? letThrough)
  })
})
