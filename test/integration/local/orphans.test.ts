import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, inject, it, onTestFinished } from 'vitest'
import { ownControlPlane } from '../../support/control-plane-own.ts'
import { allGone, eventually, isAlive, testFolder } from './support.ts'

interface Held {
  readonly process: ChildProcess
  readonly pids: readonly number[]
  readonly folder: string
}

/** Starts a process that holds a whole plane and reads from its log which processes it has; some have ended where a port was taken in between. */
async function holdPlane(dataDir?: string): Promise<Held> {
  const script = join(import.meta.dirname, '../../support/control-plane-process.ts')
  const child = spawn(process.execPath, [script, ...(dataDir === undefined ? [] : [dataDir])], {
    env: { ...process.env, KUBEBUILDER_ASSETS: inject('controlPlane').assetsFolder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const pids: number[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    const pid = /"pid":(\d+)/.exec(line)?.[1]
    if (pid !== undefined) pids.push(Number(pid))
  })
  const ready = await once(createInterface({ input: child.stdout }), 'line')
  const kubeconfig = /^kubeconfig: (.+)$/.exec(String(ready[0]))?.[1] ?? ''
  const living = await eventually(() => {
    const found = pids.filter(isAlive)
    expect(found).toHaveLength(5)
    return found
  })
  return { process: child, pids: living, folder: dirname(kubeconfig) }
}

it('every process ends with a parent that was killed by SIGKILL, and so does what it kept in memory', async () => {
  const { process: parent, pids, folder } = await holdPlane()
  expect(pids.filter((pid) => !isAlive(pid))).toEqual([])
  parent.kill('SIGKILL')
  await allGone(pids)
  await eventually(() => (existsSync(folder) ? undefined : true))
})

it('a data folder can be used again at once after its owner was killed', async () => {
  const dataDir = testFolder()
  const { process: parent, pids } = await holdPlane(dataDir)
  const exit = once(parent, 'exit')
  parent.kill('SIGKILL')
  await exit
  const plane = await ownControlPlane({ parts: [], dataDir })
  await allGone(pids)
  expect(Object.keys(plane.pids)).toEqual(['etcd', 'apiserver'])
})

it.each(['SIGINT', 'SIGTERM'] as const)('%s twice at once ends everything, quietly', async (signal) => {
  const { process: parent, pids, folder } = await holdPlane()
  const exit = once(parent, 'exit')
  parent.kill(signal)
  parent.kill(signal)
  expect(await exit).toEqual([0, null])
  expect(pids.filter(isAlive)).toEqual([])
  expect(existsSync(folder)).toBe(false)
})

it('a parent that is killed while it starts leaves nothing', async () => {
  const script = join(import.meta.dirname, '../../support/control-plane-process.ts')
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, KUBEBUILDER_ASSETS: inject('controlPlane').assetsFolder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const line = await eventually(async () => {
    for await (const text of createInterface({ input: child.stderr })) if (text.includes('"part":"apiserver"')) return text
    return undefined
  })
  const pid = Number(/"pid":(\d+)/.exec(line)?.[1])
  expect(isAlive(pid)).toBe(true)
  child.kill('SIGKILL')
  await allGone([pid])
})
