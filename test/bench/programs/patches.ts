import { request } from 'undici'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { connect } from '../../../src/kube/connection.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { print } from './watched-cluster.ts'

/**
 * `patches KUBECONFIG GROUP`: one JSON patch to each spare node of a group, all at once and sent by undici alone: no limits, no queue, no drain service.
 * What an isolation of as many nodes cannot be faster than, on this API server and machine. Says `SYNCED nodes=<n>`, begins at SIGUSR2 and says
 * `PATCHED [ms, …]`: for each node until it was answered.
 */
const [kubeconfig = '', group = ''] = process.argv.slice(2)
const access = await loadKubeConfig({ path: kubeconfig })
const connection = connect(access)

async function send(method: 'GET' | 'PATCH', path: string, body?: readonly object[]): Promise<unknown> {
  const headers = { ...(await connection.headers()), 'user-agent': 'patches', 'content-type': 'application/json-patch+json' }
  const url = new URL(path, connection.server)
  const answer = await request(url, { method, dispatcher: connection.requests, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`)
  return JSON.parse(text)
}

const spare = encodeURIComponent(`bench=${group},!eks.amazonaws.com/nodegroup`)
const { items } = (await send('GET', `/api/v1/nodes?labelSelector=${spare}`)) as { items: readonly { metadata: { name: string; uid: string } }[] }
const { promise: told, resolve: begin } = Promise.withResolvers<void>()
process.once('SIGUSR2', begin)
print(`SYNCED nodes=${items.length}`)
// Idle connections keep no process alive: a timer does.
await Promise.race([told, systemClock.sleep(300_000)])
const startedAt = systemClock.monotonicMs()
const answeredAt = await Promise.all(
  items.map(async ({ metadata: { name, uid } }) => {
    await send('PATCH', `/api/v1/nodes/${name}`, [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'add', path: '/metadata/labels/patched', value: 'once' },
    ])
    return systemClock.monotonicMs() - startedAt
  }),
)
print(`PATCHED ${JSON.stringify(answeredAt)}`)
await connection.close()
process.exit(0)
