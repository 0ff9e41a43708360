import { inject, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { systemRandom } from '../../../src/lib/random.ts'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { connect } from '../../../src/kube/connection.ts'
import { isKubeError } from '../../../src/kube/kube-error.ts'
import type { BaseStatus, CustomObject } from '../../../src/kube/objects.ts'
import { apiVersion, keyOf, type ObjectKey, resources } from '../../../src/kube/resource.ts'
import { RestClient } from '../../../src/kube/rest.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { Controller } from '../../../src/runtime/controller.ts'
import { KubeEventRecorder } from '../../../src/runtime/events.ts'
import { Informer } from '../../../src/runtime/informer.ts'
import type { Reconciler } from '../../../src/runtime/reconciler.ts'
import { eventually } from '../../support/eventually.ts'

export interface WidgetStatus extends BaseStatus {
  token?: string
  size?: number
}
export type Widget = CustomObject<{ readonly size: number }, WidgetStatus>

export const widgets = { group: 'runtime-test.tidegate.io', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true }

const condition = {
  type: 'object',
  required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  properties: Object.fromEntries([
    ...['type', 'status', 'reason', 'message', 'lastTransitionTime'].map((name) => [name, { type: 'string' }]),
    ['observedGeneration', { type: 'integer' }],
  ]) as object,
}
const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: { type: 'object', required: ['size'], properties: { size: { type: 'integer' } } },
    status: {
      type: 'object',
      properties: {
        token: { type: 'string' },
        size: { type: 'integer' },
        observedGeneration: { type: 'integer' },
        conditions: { type: 'array', items: condition, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
      },
    },
  },
}
const definition = {
  apiVersion: apiVersion(resources.customResourceDefinitions),
  kind: 'CustomResourceDefinition',
  metadata: { name: `${widgets.plural}.${widgets.group}` },
  spec: {
    group: widgets.group,
    scope: 'Namespaced',
    names: { plural: widgets.plural, singular: 'widget', kind: widgets.kind },
    versions: [{ name: widgets.version, served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: schema } }],
  },
}

const fieldManager = 'runtime-test'
const { signal } = new AbortController()

/** A client of the shared control plane; ends with the test. */
export async function openClient(server?: URL): Promise<RestClient> {
  const access = await loadKubeConfig({ path: inject('controlPlane').identities.admin })
  const connection = connect(server === undefined ? access : { ...access, server })
  onTestFinished(async () => connection.close())
  return new RestClient({ connection, clock: systemClock, metrics: createMetrics() })
}

/** A namespace of the test's own, with the Widget kind. */
export async function openNamespace(client: RestClient): Promise<string> {
  const namespace = `runtime-${systemRandom.id().slice(0, 8)}`
  const key = { name: definition.metadata.name }
  await client.apply(resources.customResourceDefinitions, key, definition, { fieldManager, signal, force: true })
  await client.apply(
    resources.namespaces,
    { name: namespace },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { fieldManager, signal },
  )
  await eventually(async () => client.list(widgets, { namespace, signal }))
  onTestFinished(async () => client.delete(resources.namespaces, { name: namespace }, { signal }))
  return namespace
}

/** A controller over Widgets of one namespace, as an operator runs it. */
export async function startController(reconciler: Reconciler<Widget>) {
  const client = await openClient()
  const namespace = await openNamespace(client)
  const metrics = createMetrics()
  const lines: Record<string, unknown>[] = []
  const log = createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) } })
  const stop = new AbortController()
  const shared = { clock: systemClock, random: systemRandom, log, metrics }
  const informer = new Informer<Widget>({ client, resource: widgets, namespace, ...shared })
  const events = new KubeEventRecorder({ client, reportingController: 'tidegate.io/test', reportingInstance: 'test', signal: stop.signal, ...shared })
  const controller = new Controller<Widget>({
    name: 'widget',
    resource: widgets,
    conditions: ['Made'],
    client,
    cache: informer.cache,
    waitFor: async (key, resourceVersion, options) => informer.waitFor(key, resourceVersion, options),
    reconciler,
    events,
    concurrency: 2,
    passTimeoutMs: 10_000,
    ...shared,
  })
  const tell = ({ metadata }: Widget): void => controller.enqueue(keyOf(metadata))
  informer.addHandler({ added: tell, updated: tell, deleted: tell })
  const ended = [informer.run(stop.signal), controller.run(stop.signal)]
  onTestFinished(async () => {
    stop.abort(new Error('the test ends'))
    await Promise.all(ended)
  })
  await informer.synced({ signal })
  return { client, namespace, metrics, lines, controller, events, ...operations(client, namespace) }
}

function operations(client: RestClient, namespace: string) {
  const key = (name: string): ObjectKey => ({ namespace, name })
  return {
    put: async (name: string, size = 1, finalizers: readonly string[] = []): Promise<Widget> => {
      const body = { apiVersion: apiVersion(widgets), kind: 'Widget', metadata: { ...key(name), finalizers }, spec: { size } }
      return client.apply<Widget>(widgets, key(name), body, { fieldManager, signal, force: true })
    },
    read: async (name: string): Promise<Widget> => client.get<Widget>(widgets, key(name), { signal }),
    remove: async (name: string): Promise<void> => client.delete(widgets, key(name), { signal }),
    isGone: async (name: string): Promise<boolean> => {
      try {
        await client.get(widgets, key(name), { signal })
        return false
      } catch (error) {
        if (isKubeError(error, 'NotFound')) return true
        throw error
      }
    },
  }
}
