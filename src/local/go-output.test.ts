import { expect, it } from 'vitest'
import { explainGoFailure, type GoLine, isGoNewEnough, neededGo, readGoLine } from './go-output.ts'

it.each<readonly [string, GoLine]>([
  ['go: downloading k8s.io/kubernetes v1.36.3', { kind: 'download', module: 'k8s.io/kubernetes' }],
  ['k8s.io/kubernetes/cmd/kube-apiserver', { kind: 'package', path: 'k8s.io/kubernetes/cmd/kube-apiserver' }],
  ['internal/goarch', { kind: 'package', path: 'internal/goarch' }],
  ['# k8s.io/kubernetes/cmd/kubectl', { kind: 'other' }],
  ['go: go.mod requires go >= 1.26.0', { kind: 'other' }],
  ['', { kind: 'other' }],
])('reads %j', (line, said) => {
  expect(readGoLine(line)).toEqual(said)
})

it.each([
  ['go1.26.8', '1.26.0', true],
  ['go1.26', '1.26.0', true],
  ['go1.26rc1', '1.26.0', true],
  ['go1.25.9', '1.26.0', false],
  ['go1.9.7', '1.26.0', false],
  ['go2.0', '1.26.0', true],
  ['devel go1.28-abc', '1.26.0', true],
  ['nonsense', '1.26.0', false],
])('takes %s where %s is needed: %s', (have, need, enough) => {
  expect(isGoNewEnough(have, need)).toBe(enough)
})

it('reads the needed version from go.mod', () => {
  expect(neededGo('module control-plane\n\ngo 1.26.0\n')).toBe('1.26.0')
  expect(() => neededGo('module control-plane\n')).toThrow('has no go line')
})

it.each([
  ['write /x/_pkg_.a: no space left on device', 'NoSpace', 'make room'],
  ['go: go.mod requires go >= 1.26.0 (running go 1.24.1; GOTOOLCHAIN=local)', 'GoTooOld', 'https://go.dev/dl'],
  ['go: k8s.io/api@v0.36.3: Get "https://proxy": dial tcp: lookup proxy: no such host', 'NoNetwork', 'GOPROXY'],
  ['verifying module: checksum mismatch', 'BuildFailed', 'checksum mismatch (all of it: /cache/x.log)'],
])('explains %j as %s', (line, kind, remedy) => {
  const error = explainGoFailure(['k8s.io/api/core/v1', '# k8s.io/api', line], '/cache', '/cache/x.log')
  expect(error.kind).toBe(kind)
  expect(error.message).toContain(remedy)
  expect(error.message).not.toContain('\n')
})
