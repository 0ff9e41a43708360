import { expect, it } from 'vitest'
import { partFlags, partNames, type PlaneSettings } from './part-flags.ts'

const settings: PlaneSettings = {
  dir: '/plane',
  sources: '/sources',
  ports: { apiserver: 1, etcd: 2, etcdPeer: 3 },
  etcdUrl: 'http://127.0.0.1:2',
  etcdPrefix: undefined,
  kept: false,
  extra: { apiserver: ['--etcd-compaction-interval=10s'] },
}

it('lets nothing listen anywhere but on 127.0.0.1', () => {
  const addresses = partNames.flatMap((part) => partFlags(part, settings)).filter((flag) => /https?:\/\/|address/.test(flag) && !flag.includes('issuer'))
  expect(addresses.length).toBeGreaterThan(3)
  expect(addresses.filter((flag) => !flag.includes('127.0.0.1'))).toEqual([])
  for (const part of ['controller-manager', 'scheduler'] as const) expect(partFlags(part, settings)).toContain('--secure-port=0')
})

it('lets kwok have only the Nodes that say they are fake', () => {
  const flags = partFlags('kwok', settings)
  expect(flags).toContain('--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake')
  expect(flags.join(' ')).not.toContain('manage-all-nodes')
})

it('puts the flags of a caller last, so that they win', () => {
  expect(partFlags('apiserver', settings).at(-1)).toBe('--etcd-compaction-interval=10s')
  expect(partFlags('etcd', settings).join(' ')).not.toContain('compaction')
})

it.each([
  [true, false],
  [false, true],
])('spares the disk only where nothing is kept (kept: %s)', (kept, spared) => {
  expect(partFlags('etcd', { ...settings, kept }).includes('--unsafe-no-fsync=true')).toBe(spared)
})
