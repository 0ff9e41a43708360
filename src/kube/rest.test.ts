import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { BeforeWrite } from '../lib/outside-write.ts'
import { createMetrics } from '../observability/metrics.ts'
import { connect } from './connection.ts'
import type { KubeError } from './kube-error.ts'
import { resources } from './resource.ts'
import { RestClient, type RestClientOptions } from './rest.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

const signal = new AbortController().signal
const key = { namespace: 'ns', name: 'a' }
const write = { signal, fieldManager: 'tidegate' }

async function setUp(answer: (seen: Seen, response: ServerResponse) => void, options: Partial<RestClientOptions> & { readonly base?: string } = {}) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
      seen.push(one)
      answer(one, response)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  let forgotten = 0
  const clock = new FakeClock()
  const metrics = createMetrics()
  const connection = connect({
    context: 'test',
    server: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${options.base ?? ''}`),
    tls: async () => await Promise.resolve({ rejectUnauthorized: true }),
    headers: async () => await Promise.resolve({ authorization: 'Bearer t', 'impersonate-group': ['a', 'b'] }),
    forget: () => {
      forgotten += 1
    },
  })
  onTestFinished(async () => {
    await connection.close()
    server.closeAllConnections()
    server.close()
  })
  const client = new RestClient({ connection, clock, metrics, ...options })
  return { client, clock, metrics, seen, server, forgotten: () => forgotten }
}

function json(response: ServerResponse, body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function failure(call: Promise<unknown>): Promise<KubeError> {
  return await call.then(
    () => {
      throw new Error('the call went well')
    },
    (error: unknown) => error as KubeError,
  )
}

test('each call is the request that the API server expects, below the base path of its address', async () => {
  const { client, seen } = await setUp((_, response) => json(response, { metadata: {} }), { base: '/k8s/clusters/c' })
  await client.get(resources.configMaps, key, { signal })
  await client.list(resources.nodes, { signal, limit: 5, labelSelector: 'a=b,c', continue: 'x/y=' })
  await client.create(resources.configMaps, { metadata: { name: 'a' } }, { ...write, namespace: 'ns' })
  await client.replace(resources.leases, key, {}, write)
  await client.apply(resources.configMaps, key, {}, { ...write, force: true, subresource: 'status' })
  await client.jsonPatch(resources.nodes, { name: 'n' }, [{ op: 'remove', path: '/x' }], write)
  await client.evict(key, { signal, uid: 'p' })
  await client.delete(resources.configMaps, key, { signal, uid: 'u', propagation: 'Foreground' })
  const manager = 'fieldManager=tidegate&fieldValidation=Strict'
  expect(seen.map(({ method, url }) => `${method} ${url.replace('/k8s/clusters/c', '')}`)).toEqual([
    'GET /api/v1/namespaces/ns/configmaps/a',
    'GET /api/v1/nodes?labelSelector=a%3Db%2Cc&limit=5&continue=x%2Fy%3D',
    `POST /api/v1/namespaces/ns/configmaps?${manager}`,
    `PUT /apis/coordination.k8s.io/v1/namespaces/ns/leases/a?${manager}`,
    `PATCH /api/v1/namespaces/ns/configmaps/a/status?${manager}&force=true`,
    `PATCH /api/v1/nodes/n?${manager}`,
    'POST /api/v1/namespaces/ns/pods/a/eviction',
    'DELETE /api/v1/namespaces/ns/configmaps/a',
  ])
  expect(seen.map(({ headers }) => headers['content-type'])).toEqual([
    undefined,
    undefined,
    'application/json',
    'application/json',
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/json',
    'application/json',
  ])
  expect(JSON.parse(seen.at(-2)?.body ?? '')).toMatchObject({ kind: 'Eviction', deleteOptions: { preconditions: { uid: 'p' } } })
  expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer t', 'impersonate-group': 'a, b', 'user-agent': 'tidegate' })
  expect(JSON.parse(seen.at(-1)?.body ?? '')).toMatchObject({ preconditions: { uid: 'u' }, propagationPolicy: 'Foreground' })
})

test('an eviction or a deletion may ask for a grace period, but never for none', async () => {
  const { client, seen } = await setUp((_, response) => json(response, {}))
  await client.evict(key, { signal, uid: 'p', gracePeriodSeconds: 30 })
  await client.delete(resources.pods, key, { signal, uid: 'p', gracePeriodSeconds: 1 })
  const [evicted, deleted] = seen.map(({ body }) => JSON.parse(body) as unknown)
  expect(evicted).toMatchObject({ metadata: { name: 'a', namespace: 'ns' }, deleteOptions: { preconditions: { uid: 'p' }, gracePeriodSeconds: 30 } })
  expect(deleted).toMatchObject({ preconditions: { uid: 'p' }, gracePeriodSeconds: 1 })
  await expect(client.evict(key, { signal, uid: 'p', gracePeriodSeconds: 0 })).rejects.toMatchObject({ status: 400 })
  await expect(client.delete(resources.pods, key, { signal, uid: 'p', gracePeriodSeconds: 0 })).rejects.toMatchObject({ status: 400 })
  expect(seen).toHaveLength(2)
})

test.each(['..', '.', ''])('the name %j would be another path, and is refused', async (name) => {
  const { client, seen } = await setUp((_, response) => json(response, {}))
  expect(await failure(client.get(resources.nodes, { name }, { signal }))).toMatchObject({ reason: 'BadRequest' })
  expect(seen).toEqual([])
})

test('a name that needs it is escaped', async () => {
  const { client, seen } = await setUp((_, response) => json(response, {}))
  await client.get(resources.nodes, { name: 'a/../b?c#d' }, { signal })
  expect(seen[0]?.url).toBe('/api/v1/nodes/a%2F..%2Fb%3Fc%23d')
})

const answers: readonly (readonly [string, number, string, Partial<KubeError>])[] = [
  [
    'a Status',
    409,
    JSON.stringify({ kind: 'Status', reason: 'Conflict', message: 'changed', details: { name: 'a' } }),
    { reason: 'Conflict', message: 'changed', details: { name: 'a' }, isPage: false },
  ],
  ['a page of HTML', 502, '<html>bad gateway</html>', { reason: 'Unknown', message: 'the API server answered 502', isPage: true }],
  ['nothing', 404, '', { reason: 'NotFound', isPage: true }],
  [
    'a 500 without a reason',
    500,
    JSON.stringify({ kind: 'Status', message: 'field not declared in schema' }),
    { reason: 'Unknown', message: 'field not declared in schema' },
  ],
]
test.each(answers)('%s as an error answer', async (_, status, body, expected) => {
  const { client } = await setUp((__, response) => response.writeHead(status).end(body))
  expect(await failure(client.get(resources.configMaps, key, { signal }))).toMatchObject({ ...expected, status })
})

test('no answer is status 0, whatever the cause', async () => {
  const { client, clock, server, metrics } = await setUp((seen, response) => {
    if (seen.url.includes('reset')) response.destroy()
    else if (seen.url.includes('junk')) response.end('<html>')
  })
  const get = (name: string): Promise<KubeError> => failure(client.get(resources.nodes, { name }, { signal, timeoutMs: 5000 }))
  expect(await get('reset')).toMatchObject({ status: 0, reason: 'NoAnswer' })
  expect(await get('junk')).toMatchObject({ status: 0, reason: 'NoAnswer' })
  const silent = get('silent')
  await clock.advance(5000)
  expect(await silent).toMatchObject({ status: 0, reason: 'NoAnswer', message: 'GET /api/v1/nodes/silent: no answer within 5000 ms' })
  server.closeAllConnections()
  server.close()
  expect(await get('refused')).toMatchObject({ status: 0, reason: 'NoAnswer' })
  expect(await metrics.registry.getSingleMetricAsString('rest_client_requests_total')).toMatch(/code="<error>",method="GET"} 3/)
  expect(clock.sleeping).toBe(0)
})

test('an abort rejects with its reason', async () => {
  const { client, clock } = await setUp(() => undefined)
  const stop = new AbortController()
  const call = failure(client.get(resources.nodes, { name: 'a' }, { signal: stop.signal }))
  await clock.advance(0)
  stop.abort(new Error('going down'))
  expect(await call).toMatchObject({ message: 'going down' })
  expect(clock.sleeping).toBe(0)
})

test('a read waits as long as Retry-After says, if there is time; a write is not repeated', async () => {
  let left = 2
  const { client, clock, seen } = await setUp((_, response) => {
    left -= 1
    if (left >= 0) json(response, { reason: 'TooManyRequests' }, 429, { 'retry-after': '3' })
    else json(response, { metadata: { name: 'a' } })
  })
  const read = client.get(resources.configMaps, key, { signal })
  while (seen.length < 3) await clock.advance(1000)
  expect(await read).toMatchObject({ metadata: { name: 'a' } })
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(6000)
  left = 1
  expect(await failure(client.get(resources.configMaps, key, { signal, timeoutMs: 2000 }))).toMatchObject({ status: 429, retryAfterMs: 3000 })
  left = 1
  expect(await failure(client.apply(resources.configMaps, key, {}, write))).toMatchObject({ status: 429, retryAfterMs: 3000 })
  expect(seen).toHaveLength(5)
})

test('a 401 has the credentials asked for anew', async () => {
  const { client, forgotten } = await setUp((_, response) => json(response, {}, 401))
  expect(await failure(client.get(resources.configMaps, key, { signal }))).toMatchObject({ reason: 'Unauthorized' })
  expect(forgotten()).toBe(1)
})

test('the hook is told before every write, and how it ended after', async () => {
  const told: unknown[] = []
  const beforeWrite: BeforeWrite = async ({ action, target, fieldManager }) => {
    told.push(`${action} ${target} ${fieldManager}`)
    return async ({ ok, error }) => {
      told.push(ok ? 'ok' : (error as KubeError).reason)
      await Promise.resolve()
    }
  }
  const { client } = await setUp((seen, response) => json(response, { reason: 'Conflict' }, seen.method === 'PUT' ? 409 : 200), { beforeWrite })
  await client.get(resources.configMaps, key, { signal })
  await client.apply(resources.configMaps, key, {}, { ...write, subresource: 'status' })
  await client.create(resources.configMaps, { metadata: { name: 'a' } }, { ...write, namespace: 'ns' })
  await failure(client.replace(resources.leases, key, {}, write))
  await client.jsonPatch(resources.nodes, { name: 'n' }, [], write)
  await client.delete(resources.configMaps, key, { signal })
  expect(told.join(', ')).toBe(
    'apply configmaps/status ns/a tidegate, ok, create configmaps ns/a tidegate, ok, update leases ns/a tidegate, Conflict, ' +
      'patch nodes n tidegate, ok, delete configmaps ns/a undefined, ok',
  )
})

test('the hook can refuse a write, and one that never answers is no write', async () => {
  const refusal = new Error('not the leader')
  const refusing = await setUp((_, response) => json(response, {}), { beforeWrite: async () => await Promise.reject(refusal) })
  expect(await failure(refusing.client.delete(resources.configMaps, key, { signal }))).toBe(refusal)
  expect(refusing.seen).toEqual([])
  const held = Promise.withResolvers<undefined>()
  const holding = await setUp((_, response) => json(response, {}), { beforeWrite: async () => await held.promise })
  const stop = new AbortController()
  const call = failure(holding.client.delete(resources.configMaps, key, { signal: stop.signal }))
  await holding.clock.advance(0)
  stop.abort(new Error('killed'))
  expect(await call).toMatchObject({ message: 'killed' })
  held.resolve(undefined)
  await holding.clock.advance(0)
  expect(holding.seen).toEqual([])
})

test('calls wait for the rate limit, Leases do not', async () => {
  const { client, clock, seen } = await setUp((_, response) => json(response, {}), { rateLimit: { qps: 1, burst: 1 } })
  await client.get(resources.nodes, { name: 'first' }, { signal })
  const second = client.get(resources.nodes, { name: 'second' }, { signal })
  await client.replace(resources.leases, key, {}, write)
  expect(seen.map(({ method }) => method)).toEqual(['GET', 'PUT'])
  while (seen.length < 3) await clock.advance(1000)
  await second
})

test('a write asks whether it still may when the rate limit lets it pass, and is not sent where it may not', async () => {
  const { client, clock, seen } = await setUp((_, response) => json(response, {}), { rateLimit: { qps: 1, burst: 1 } })
  let mayNot: Error | undefined
  const asked: number[] = []
  const confirm = async (): Promise<void> => {
    asked.push(clock.monotonicMs())
    if (mayNot !== undefined) throw mayNot
  }
  await client.evict(key, { uid: 'u', signal, confirm })
  const second = failure(client.jsonPatch(resources.nodes, { name: 'n' }, [], { ...write, confirm }))
  await clock.advance(0)
  expect(asked).toEqual([0])
  mayNot = new Error('frozen')
  await clock.advance(1000)
  expect(await second).toBe(mayNot)
  const third = failure(client.delete(resources.pods, key, { signal, confirm }))
  await clock.advance(1000)
  expect(await third).toBe(mayNot)
  expect(asked).toEqual([0, 1000, 2000])
  expect(seen.map(({ url }) => url)).toEqual([expect.stringContaining('/eviction')])
})

test('a question that nobody answers before a write is no missing answer to that write', async () => {
  const { client, clock, seen } = await setUp((_, response) => json(response, {}))
  const mayNot = new Error('nobody says that it may')
  const confirm = async (): Promise<void> => {
    await clock.sleep(60_000, { signal })
    throw mayNot
  }
  const eviction = failure(client.evict(key, { uid: 'u', signal, confirm }))
  await clock.advance(60_000)
  expect(await eviction).toBe(mayNot)
  expect(seen).toEqual([])
})

test('evictions, and what is called urgent, overtake other calls that wait for the rate limit', async () => {
  const { client, clock, seen } = await setUp((_, response) => json(response, {}), { rateLimit: { qps: 1, burst: 1 } })
  await client.get(resources.nodes, { name: 'first' }, { signal })
  const calls = [
    client.list(resources.nodes, { signal }),
    client.apply(resources.configMaps, key, {}, write),
    client.jsonPatch(resources.nodes, { name: 'isolated' }, [], { ...write, urgent: true }),
    client.evict(key, { signal, uid: 'u' }),
  ]
  for (let sent = 2; sent <= 5; sent += 1) while (seen.length < sent) await clock.advance(1000)
  await Promise.all(calls)
  expect(seen.map(({ method, url }) => `${method} ${url.split('?')[0]}`)).toEqual([
    'GET /api/v1/nodes/first',
    'PATCH /api/v1/nodes/isolated',
    'POST /api/v1/namespaces/ns/pods/a/eviction',
    'GET /api/v1/nodes',
    'PATCH /api/v1/namespaces/ns/configmaps/a',
  ])
})

test('a watch asks for the present objects only when told, and ends when who reads it stops', async () => {
  const { client, seen } = await setUp((_, response) => {
    response.write(`${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'a' } } })}\n`)
  })
  let opened = 0
  const onOpen = (): void => {
    opened += 1
  }
  for (const sendInitialEvents of [true, false]) {
    for await (const event of client.watch(resources.nodes, { signal, sendInitialEvents, resourceVersion: '7', timeoutSeconds: 300, onOpen })) {
      expect(event.object.metadata.name).toBe('a')
      break
    }
  }
  expect(opened).toBe(2)
  const common = 'watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=300'
  expect(seen.map(({ url }) => url)).toEqual([`/api/v1/nodes?${common}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`, `/api/v1/nodes?${common}`])
})

test('a watch that is refused, cut or aborted says so', async () => {
  const opened: string[] = []
  const { client } = await setUp((seen, response) => {
    if (seen.url.includes('limited')) {
      response.writeHead(429, { 'retry-after': '2' }).end('<html>')
      return
    }
    response.write(`${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'a' } } })}\n`, () => {
      if (seen.url.includes('cut')) response.destroy()
    })
  })
  const read = async (labelSelector: string, stop = new AbortController()): Promise<void> => {
    const onOpen = (): void => void opened.push(labelSelector)
    for await (const _ of client.watch(resources.nodes, { signal: stop.signal, labelSelector, timeoutSeconds: 300, onOpen })) {
      if (labelSelector === 'abort') stop.abort(new Error('enough'))
    }
  }
  expect(await failure(read('limited'))).toMatchObject({ status: 429, retryAfterMs: 2000 })
  expect(await failure(read('cut'))).toMatchObject({ status: 0, reason: 'NoAnswer' })
  expect(await failure(read('abort'))).toMatchObject({ message: 'enough' })
  expect(opened).toEqual(['cut', 'abort'])
})
