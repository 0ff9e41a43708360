import { expect, it } from 'vitest'
import { seededRandom } from '../lib/random.ts'
import { createTokens, identityNames, kubeconfig, tokenFile } from './identities.ts'

it('gives each identity a token of its own, and no group with an empty name', () => {
  const tokens = createTokens(seededRandom(1))
  expect(new Set(Object.values(tokens)).size).toBe(identityNames.length)
  const rows = tokenFile(tokens).trimEnd().split('\n')
  expect(rows.map((row) => row.slice(row.indexOf(',') + 1))).toEqual([
    'admin,admin,"system:masters"',
    'system:serviceaccount:tidegate-system:tidegate-operator,operator,"system:serviceaccounts,system:serviceaccounts:tidegate-system"',
    'viewer@example.com,viewer',
    'editor@example.com,editor',
    'approver@example.com,approver',
  ])
})

it('writes a kubeconfig that needs no other file and runs nothing', () => {
  const text = kubeconfig({ server: 'https://127.0.0.1:1', caPem: 'PEM', token: 'secret', name: 'viewer' })
  expect(JSON.parse(text)).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'tidegate-local', cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'UEVN' } }],
    users: [{ name: 'viewer', user: { token: 'secret' } }],
    contexts: [{ name: 'tidegate-local-viewer', context: { cluster: 'tidegate-local', user: 'viewer' } }],
    'current-context': 'tidegate-local-viewer',
  })
})
