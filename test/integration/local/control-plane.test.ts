import { existsSync, readFileSync, statSync } from 'node:fs'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { startControlPlane } from '../../../src/local/control-plane.ts'
import { identityNames } from '../../../src/local/identities.ts'
import { isLocalError } from '../../../src/local/local-error.ts'
import { wholeLines } from '../../support/audit.ts'
import { ownControlPlane, sharedAssets } from '../../support/control-plane-own.ts'
import { allGone, eventually, kubectl, testFolder } from './support.ts'

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } })

const node = (name: string, annotations: object) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations, labels: { local: name } },
  status: { capacity: { cpu: '4', memory: '8Gi', pods: '10' }, allocatable: { cpu: '4', memory: '8Gi', pods: '10' } },
})

describe('the shared plane', () => {
  it('knows each identity by its own name, and only the administrator may do anything', async () => {
    const { identities } = inject('controlPlane')
    const names = await Promise.all(
      identityNames.map(async (name) => kubectl(identities[name], ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])),
    )
    expect(names).toEqual([
      'admin',
      'system:serviceaccount:tidegate-system:tidegate-operator',
      'viewer@example.com',
      'editor@example.com',
      'approver@example.com',
    ])
    await expect(kubectl(identities.viewer, ['get', 'secrets', '-n', 'kube-system'])).rejects.toThrow(/viewer@example.com.*cannot list/)
    await expect(kubectl(identities.admin, ['auth', 'can-i', '*', '*'])).resolves.toBe('yes')
  })

  it('keeps its kubeconfigs to their owner', () => {
    const modes = Object.values(inject('controlPlane').identities).map((path) => statSync(path).mode & 0o777)
    expect(new Set(modes)).toEqual(new Set([0o600]))
  })

  it('writes who wrote what into the audit log, and no read', async () => {
    const { identities, auditLog } = inject('controlPlane')
    await kubectl(identities.admin, ['apply', '-f', '-'], configMap('audited'))
    await kubectl(identities.admin, ['get', 'configmap', 'audited'])
    const lines = await eventually(() => {
      const all = wholeLines(readFileSync(auditLog, 'utf8'))
      return all.some((line) => line.includes('"audited"')) ? all : undefined
    })
    const events = lines.map((line) => JSON.parse(line) as { verb: string; stage: string; user: { username: string }; objectRef?: { name?: string } })
    expect(events.filter(({ verb }) => ['get', 'list', 'watch'].includes(verb))).toEqual([])
    expect(new Set(events.map(({ stage }) => stage))).toEqual(new Set(['ResponseComplete']))
    expect(events.find(({ objectRef }) => objectRef?.name === 'audited')?.user.username).toBe('admin')
  })

  it('runs pods on a Node that says it is fake, and leaves any other Node alone', async () => {
    const { identities } = inject('controlPlane')
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'on-fake', namespace: 'default' },
      spec: { nodeSelector: { local: 'local-fake' }, containers: [{ name: 'c', image: 'none' }] },
    }
    const items = [node('local-fake', { 'kwok.x-k8s.io/node': 'fake' }), node('local-real', {}), pod]
    onTestFinished(async () => {
      await kubectl(identities.admin, ['delete', 'pod/on-fake'])
      await kubectl(identities.admin, ['delete', 'node/local-fake', 'node/local-real'])
    })
    await kubectl(identities.admin, ['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items })
    await kubectl(identities.admin, ['wait', '--for=condition=Ready', '--timeout=30s', 'node/local-fake', 'pod/on-fake'])
    await kubectl(identities.admin, ['get', 'lease', '-n', 'kube-node-lease', 'local-fake'])
    expect(await kubectl(identities.admin, ['get', 'node', 'local-real', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'])).not.toBe('True')
  })
})

describe('planes of their own', () => {
  it('run side by side, and never see the KUBECONFIG of the environment', async () => {
    const environment = { ...process.env, KUBECONFIG: '/nowhere/hostile', HTTPS_PROXY: 'http://127.0.0.1:9' }
    const [one, other] = await Promise.all([ownControlPlane({ parts: [], environment }), ownControlPlane({ parts: ['controller-manager'], environment })])
    await kubectl(one.kubeconfig, ['create', 'namespace', 'only-here'])
    await expect(kubectl(other.kubeconfig, ['get', 'namespace', 'only-here'])).rejects.toThrow(/not found/)
    const seen = readFileSync(`/proc/${other.pids['controller-manager'] ?? 0}/environ`, 'utf8')
    expect(seen).not.toMatch(/KUBECONFIG|PROXY/)
    const { dir, pids } = one
    await one.stop()
    await one.stop()
    await allGone(Object.values(pids))
    expect(existsSync(dir)).toBe(false)
  })

  it('share an etcd under prefixes of their own', async () => {
    const plane = await ownControlPlane({ parts: [], etcd: { url: inject('controlPlane').etcdUrl, prefix: '/local-prefix' } })
    await kubectl(plane.kubeconfig, ['create', 'namespace', 'prefixed'])
    await expect(kubectl(inject('controlPlane').identities.admin, ['get', 'namespace', 'prefixed'])).rejects.toThrow(/not found/)
    expect(Object.keys(plane.pids)).toEqual(['apiserver'])
  })

  it('come back on the same address after the API server was killed, and answer after it was paused', async () => {
    const plane = await ownControlPlane({ parts: [] })
    const before = { server: plane.server, pid: plane.pids.apiserver }
    await plane.killApiserver()
    await expect(kubectl(plane.kubeconfig, ['get', 'namespaces'])).rejects.toThrow(/refused/)
    await plane.startApiserver()
    expect(plane.server).toBe(before.server)
    expect(plane.pids.apiserver).not.toBe(before.pid)
    plane.pauseApiserver()
    await expect(kubectl(plane.kubeconfig, ['get', '--raw=/api/v1/namespaces', '--request-timeout=1s'])).rejects.toThrow(/timeout|deadline/i)
    plane.resumeApiserver()
    expect(await kubectl(plane.kubeconfig, ['get', 'namespaces', '-o', 'name'])).toContain('namespace/default')
  })

  it('keep objects, tokens and the address in a data folder, which one plane has at a time', async () => {
    const dataDir = testFolder()
    const first = await ownControlPlane({ parts: ['controller-manager'], dataDir })
    const kubeconfig = readFileSync(first.kubeconfig, 'utf8')
    await kubectl(first.kubeconfig, ['apply', '-f', '-'], configMap('kept'))
    await expect(startControlPlane({ assets: sharedAssets(), dataDir })).rejects.toThrow(
      `the data folder ${dataDir} belongs to a control plane that runs: stop it, or name another folder`,
    )
    await first.stop()
    const second = await ownControlPlane({ parts: ['controller-manager'], dataDir })
    expect(readFileSync(second.kubeconfig, 'utf8')).toBe(kubeconfig)
    expect(await kubectl(second.kubeconfig, ['get', 'configmap', 'kept', '-o', 'name'])).toBe('configmap/kept')
  })

  it('take out an aggregated API that nobody serves any more, so that namespaces can go', async () => {
    const dataDir = testFolder()
    const first = await ownControlPlane({ parts: ['controller-manager'], dataDir })
    const dead = {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.dead.example.com' },
      spec: {
        group: 'dead.example.com',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { namespace: 'default', name: 'dead' },
      },
    }
    await kubectl(first.kubeconfig, ['apply', '-f', '-'], dead)
    await first.stop()
    const second = await ownControlPlane({ parts: ['controller-manager'], dataDir })
    await expect(kubectl(second.kubeconfig, ['get', 'apiservice', 'v1.dead.example.com'])).rejects.toThrow(/not found/)
    await kubectl(second.kubeconfig, ['create', 'namespace', 'goes'])
    await kubectl(second.kubeconfig, ['delete', 'namespace', 'goes', '--timeout=60s'])
  })
})

describe('when something goes wrong', () => {
  it('a part that does not start fails the start in one line, and nothing is left', async () => {
    const dataDir = testFolder()
    const start = startControlPlane({ assets: sharedAssets(), dataDir, flags: { apiserver: ['--no-such-flag'] } })
    await expect(start).rejects.toSatisfy((error) => isLocalError(error, 'PartEnded') && /^kube-apiserver ended by itself: .*no-such-flag/.test(error.message))
    // The lock is free and etcd is gone: a good start follows at once.
    const plane = await ownControlPlane({ parts: [], dataDir })
    expect(Object.keys(plane.pids)).toEqual(['etcd', 'apiserver'])
  })

  it('an abort during the first start leaves nothing that the next one stumbles over', async () => {
    const stopping = new AbortController()
    const dataDir = testFolder()
    const start = startControlPlane({ assets: sharedAssets(), dataDir, signal: stopping.signal })
    await eventually(() => (existsSync(`${dataDir}/logs/apiserver.log`) ? true : undefined))
    stopping.abort(new Error('enough'))
    await expect(start).rejects.toThrow('enough')
    await ownControlPlane({ parts: [], dataDir })
  })

  it('a part that ends by itself ends the plane and is named', async () => {
    const plane = await ownControlPlane({ parts: ['scheduler'] })
    const { pids } = plane
    process.kill(pids.scheduler ?? 0, 'SIGKILL')
    const reason = await plane.ended
    expect(reason?.kind).toBe('PartEnded')
    expect(reason?.message).toMatch(/^kube-scheduler ended by itself/)
    await allGone(Object.values(pids))
  })
})
