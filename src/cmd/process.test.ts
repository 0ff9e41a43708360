import { expect, test } from 'vitest'
import { KubeconfigError } from '../kube/kubeconfig.ts'
import { LocalError } from '../local/local-error.ts'
import { PortTakenError } from '../observability/health.ts'
import { knownCause, PlainError, UsageError } from './process.ts'

const taken = new PortTakenError('127.0.0.1', 8080)

test('a known cause is found, however deep it stands', () => {
  expect(knownCause(new Error('health server failed', { cause: new Error('again', { cause: taken }) }))).toBe(taken)
})

test('of two known causes the outer one speaks', () => {
  const outer = new UsageError('kubeconfig /x: no', { cause: new KubeconfigError('KubeconfigInvalid', 'no') })
  expect(knownCause(outer)).toBe(outer)
})

test.each([new TypeError('x is undefined'), 'text', undefined])('%s is a mistake of ours, and keeps its stack', (error) => {
  expect(knownCause(error)).toBeUndefined()
})

test.each([new UsageError('a'), new PlainError('b'), new LocalError('NoGo', 'c'), new KubeconfigError('KubeconfigInvalid', 'd'), taken])(
  '%s was written for people',
  (error) => {
    expect(knownCause(error)).toBe(error)
  },
)
