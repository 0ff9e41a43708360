import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import type { OutsideWrite } from '../../../src/lib/outside-write.ts'
import type { KubeObject } from '../../../src/kube/objects.ts'
import { isKubeError } from '../../../src/kube/kube-error.ts'
import { resources } from '../../../src/kube/resource.ts'
import { aTargetCluster } from '../../support/builders.ts'
import { expectCondition } from '../../support/subject.ts'
import type { Actor, Story } from './story.ts'

const { signal } = new AbortController()
const namespace = 'tidegate-system'
const finalizer = 'tidegate.io/cleanup'

interface Lease extends KubeObject {
  readonly spec: { readonly holderIdentity: string; readonly renewTime: string }
}

/** In which the operator of the theatre, ten times as fast as real time, renews what it holds. */
const renewalMs = 8_000

function isOfTarget({ target }: OutsideWrite): boolean {
  return /^(leases|targetclusters|secrets)\b/.test(target)
}

function secretName({ name }: Actor, which: 'old' | 'new'): string {
  return `${name}-${which}`
}

/** The same cluster, by a kubeconfig in a Secret. */
async function writeSecret(actor: Actor, which: 'old' | 'new'): Promise<void> {
  const { client, plane } = actor.stage
  const name = secretName(actor, which)
  const stringData = { kubeconfig: await readFile(plane.identities.admin, 'utf8') }
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData }
  await client.apply(resources.secrets, { namespace, name }, body, { fieldManager: 'person', force: true, signal })
}

async function deleteSecret(actor: Actor, which: 'old' | 'new'): Promise<void> {
  await actor.stage.client.delete(resources.secrets, { namespace, name: secretName(actor, which) }, { signal })
}

/** `undefined` when it is gone. */
async function finalizersOf(actor: Actor, which: 'old' | 'new'): Promise<readonly string[] | undefined> {
  try {
    const { metadata } = await actor.stage.client.get<KubeObject>(resources.secrets, { namespace, name: secretName(actor, which) }, { signal })
    return metadata.finalizers ?? []
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined
    throw error
  }
}

/** The one target of the stage comes to name the Secret. */
async function connectBy(actor: Actor, which: 'old' | 'new'): Promise<void> {
  await actor.stage.target('demo').apply(aTargetCluster({ connection: { kubeconfigSecretRef: { name: secretName(actor, which), key: 'kubeconfig' } } }))
}

async function expectReadyBy(actor: Actor, which: 'old' | 'new'): Promise<void> {
  const target = await actor.stage.target('demo').read()
  expectCondition(target, 'Ready', { status: 'True' })
  expect(target.status?.observedGeneration).toBe(target.metadata.generation)
  expect(target.status?.kubeconfigSecret).toBe(secretName(actor, which))
  expect(await finalizersOf(actor, which)).toEqual([finalizer])
}

async function lease({ stage: { client } }: Actor): Promise<Lease['spec']> {
  return (await client.get<Lease>(resources.leases, { namespace: 'kube-system', name: 'tidegate' }, { signal })).spec
}

/** Given back, or, by one that died before it could be, renewed by nobody: it ends by itself. */
async function expectLeaseLeft(actor: Actor): Promise<void> {
  const left = await lease(actor)
  if (left.holderIdentity === '') return
  await systemClock.sleep(renewalMs)
  expect(await lease(actor)).toEqual(left)
}

/** How both stories begin. */
async function readyByOld(actor: Actor): Promise<void> {
  await writeSecret(actor, 'old')
  await connectBy(actor, 'old')
  await actor.stage.target('demo').until(async () => await expectReadyBy(actor, 'old'))
}

/** As every story finds it. */
async function connectAsBefore({ stage }: Actor): Promise<void> {
  await stage.target('demo').apply(aTargetCluster())
  await stage.target('demo').ready()
}

export const otherSecret: Story = {
  title: 'a target comes to name another Secret, and the old one is deleted',
  about: isOfTarget,
  before: readyByOld,
  act: async (actor) => {
    await writeSecret(actor, 'new')
    await connectBy(actor, 'new')
    await deleteSecret(actor, 'old')
  },
  ended: async (actor) => {
    await expectReadyBy(actor, 'new')
    expect(await finalizersOf(actor, 'old')).toBeUndefined()
  },
  check: async (actor) => {
    const { metadata } = await actor.stage.client.get<KubeObject>(resources.namespaces, { name: 'kube-system' }, { signal })
    expect((await lease(actor)).holderIdentity).toBe(metadata.uid)
    await connectAsBefore(actor)
    expect(await finalizersOf(actor, 'new')).toEqual([])
    await deleteSecret(actor, 'new')
  },
}

export const targetDeleted: Story = {
  title: 'a target is deleted',
  about: isOfTarget,
  before: readyByOld,
  act: async ({ stage }) => await stage.target('demo').deleteConfirmed(),
  ended: async ({ stage }) => expect(await stage.target('demo').find()).toBeUndefined(),
  check: async (actor) => {
    expect(await finalizersOf(actor, 'old')).toEqual([])
    await expectLeaseLeft(actor)
    await deleteSecret(actor, 'old')
    await connectAsBefore(actor)
  },
}
