import { expect, test } from 'vitest'
import type { KubeClient } from '../../kube/client.ts'
import { createSecrets } from './secrets.ts'

const secret = { metadata: { name: 's', uid: 'u', resourceVersion: '1' }, data: { kubeconfig: Buffer.from('text').toString('base64') } }
const client = { get: async () => secret } as unknown as KubeClient

test.each([
  ['kubeconfig', 'text'],
  ['another', undefined],
  ['constructor', undefined],
])('what a Secret has under %s', async (key, value) => {
  const read = await createSecrets(client, 'tidegate-system').read('s', key, { signal: new AbortController().signal })
  expect(read).toMatchObject({ uid: 'u', value })
})
