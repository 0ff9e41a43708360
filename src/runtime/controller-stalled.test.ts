import { describe, expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { type Result, TerminalError } from './reconciler.ts'
import { start, widget } from './test-controller.ts'

function stalling(needsEdit = false) {
  const at: number[] = []
  const made = start(async () => {
    at.push(made.clock.monotonicMs())
    throw new TerminalError('SubnetNotFound', 'subnet-1 is not there', { needsEdit })
  })
  return { ...made, at }
}

/** Stalls at each pass; `meanwhile` happens during the first. */
function stallingWhile(meanwhile: (controller: ReturnType<typeof start>['controller']) => void) {
  let passes = 0
  const made = start(async () => {
    passes += 1
    if (passes === 1) meanwhile(made.controller)
    throw new TerminalError('SubnetNotFound', 'subnet-1 is not there')
  })
  return { ...made, passes: () => passes }
}

describe('Controller: stalled', () => {
  test('shows the reason and tries again only every 10 minutes, a tenth more or less', async () => {
    const { put, clock, at, condition, lines, kube, controller } = stalling()
    await put(widget('a'))
    for (let minute = 0; minute < 60; minute += 1) {
      controller.enqueue('ns/a')
      await clock.advance(60_000)
    }
    expect(condition('a', 'Stalled')).toMatchObject({ status: 'True', reason: 'SubnetNotFound', message: 'subnet-1 is not there' })
    expect(condition('a', 'Ready')).toMatchObject({ status: 'False', reason: 'SubnetNotFound' })
    expect(at.length).toBeGreaterThanOrEqual(6)
    expect(at.length).toBeLessThanOrEqual(7)
    expect(kube.writes).toHaveLength(1)
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  test('logs what it says and why, once and without a stack', async () => {
    const cause = new KubeError(422, 'Invalid', 'no')
    const { put, lines } = start(async () => {
      throw new TerminalError('SubnetNotFound', 'subnet-1 is not there', { cause })
    })
    await put(widget('a'))
    const told = lines.filter(({ level }) => level === 'warn')
    expect(told).toMatchObject([
      { msg: 'object is stalled', err: { reason: 'SubnetNotFound', message: 'subnet-1 is not there', cause: { reason: 'Invalid' } } },
    ])
    expect(JSON.stringify(told)).not.toContain('"stack"')
  })

  test.each([
    { edit: { metadata: { generation: 2 } }, plain: true, needsEdit: true, name: 'a changed spec' },
    { edit: { metadata: { annotations: { 'tidegate.io/retry': 'now' } } }, plain: true, needsEdit: false, name: 'a retry token' },
    { edit: { metadata: { generation: 2, deletionTimestamp: '2026-11-21T06:00:00Z' } }, plain: true, needsEdit: true, name: 'a deletion' },
    { edit: { metadata: { annotations: { 'tidegate.io/abandon': 'uid-a' } } }, plain: true, needsEdit: true, name: 'another mark of ours' },
    { edit: { metadata: { uid: 'uid-new' } }, plain: true, needsEdit: true, name: 'a new object under the name' },
    { edit: { metadata: { labels: { a: 'b' } } }, plain: false, needsEdit: false, name: 'a label' },
  ])('$name: worth a retry $plain, when only an edit helps $needsEdit', async ({ edit, plain, needsEdit }) => {
    const tried = async (onlyEdit: boolean): Promise<boolean> => {
      let passes = 0
      const body = async (): Promise<Result> => {
        passes += 1
        throw new TerminalError('Reason', 'message', { needsEdit: onlyEdit })
      }
      const { put, read } = start(body, { finalize: body })
      await put(widget('a'))
      const before = passes
      await put(widget('a', { ...edit, status: read('a')?.status ?? {} }))
      return passes > before
    }
    expect(await tried(false)).toBe(plain)
    expect(await tried(true)).toBe(needsEdit)
  })

  test('what only an edit can help is never tried again by itself', async () => {
    const { put, clock, at } = stalling(true)
    await put(widget('a'))
    await clock.advance(86_400_000)
    expect(at).toHaveLength(1)
  })

  test('what it depends on changed while it looked: tried again, since it has not seen that', async () => {
    const { put, clock, passes } = stallingWhile((controller) => controller.retryStalled('ns/a'))
    await put(widget('a'))
    await clock.advance(0)
    expect(passes()).toBe(2)
    await clock.advance(60_000)
    expect(passes()).toBe(2)
  })

  test('what it shows changed elsewhere: looked at soon, and not at each change', async () => {
    const { put, clock, at, controller } = stalling()
    await put(widget('a'))
    for (let second = 0; second < 120; second += 1) {
      controller.lookAgain('ns/a', { stalledMs: 30_000 })
      await clock.advance(1_000)
    }
    expect(at.length).toBeGreaterThanOrEqual(4)
    expect(at.length).toBeLessThanOrEqual(5)
  })

  test('what it shows changed elsewhere while it looked: looked at soon', async () => {
    const { put, clock, passes } = stallingWhile((controller) => controller.lookAgain('ns/a', { stalledMs: 30_000 }))
    await put(widget('a'))
    await clock.advance(29_000)
    expect(passes()).toBe(1)
    await clock.advance(2_000)
    expect(passes()).toBe(2)
    await clock.advance(120_000)
    expect(passes()).toBe(2)
  })

  test('what it shows changed elsewhere is no edit where only an edit helps', async () => {
    const { put, clock, at, controller } = stalling(true)
    await put(widget('a'))
    controller.lookAgain('ns/a', { stalledMs: 30_000 })
    await clock.advance(120_000)
    expect(at).toHaveLength(1)
  })

  test('what it depends on changed: tried again at once, or when it is told to', async () => {
    const { put, clock, at, controller } = stalling()
    await put(widget('a'))
    controller.retryStalled('ns/a')
    await clock.advance(0)
    expect(at).toHaveLength(2)
    controller.retryStalled('ns/a', 30_000)
    await clock.advance(29_000)
    expect(at).toHaveLength(2)
    await clock.advance(1_000)
    expect(at).toHaveLength(3)
  })
})
