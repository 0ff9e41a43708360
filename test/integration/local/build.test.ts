import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AssetOptions, ensureAssets, findAssets } from '../../../src/local/assets.ts'
import { tryLock } from '../../../src/local/file-lock.ts'
import { runGo } from '../../../src/local/go.ts'
import { isLocalError } from '../../../src/local/local-error.ts'
import { findSources } from '../../../src/local/sources.ts'
import { allGone, eventually, isAlive, testFolder } from './support.ts'

/** A `go` that takes no minutes: it says what the real one says, and its programs are scripts. */
const fakeGo = `#!/bin/sh
case "$1" in
env) echo "\${FAKE_VERSION:-go1.26.8}" ;;
list) echo "go: downloading example.com/module v1.0.0" >&2; echo "stale dependency: x"; echo "not installed but available in build cache" ;;
build)
  echo $$ >>"$FAKE_BUILDS"
  while [ -e "$FAKE_BUILDS.hold" ]; do sleep 0.05; done
  [ -z "$FAKE_FAILURE" ] || { echo "$FAKE_FAILURE" >&2; exit 1; }
  echo example.com/module/package >&2
  while [ "$1" != -o ]; do shift; done
  for name in kube-apiserver kube-controller-manager kube-scheduler server kwok helm kubectl; do
    printf '#!/bin/sh\\necho v1 # a program that could be longer\\n' >"$2/$name"; chmod 755 "$2/$name"
  done ;;
esac
`

interface Bench {
  readonly options: AssetOptions
  readonly said: string[]
  readonly builds: string
  readonly countBuilds: () => number
  readonly cache: string
}

function bench(extra: Readonly<Record<string, string>> = {}): Bench {
  const folder = testFolder()
  const [builds, bin, cache] = [join(folder, 'builds'), join(folder, 'bin'), join(folder, 'cache')]
  mkdirSync(bin)
  writeFileSync(join(bin, 'go'), fakeGo, { mode: 0o755 })
  const said: string[] = []
  const say = (line: string): void => void said.push(line)
  const environment = { PATH: `${bin}:/usr/bin:/bin`, HOME: folder, XDG_CACHE_HOME: cache, FAKE_BUILDS: builds, ...extra }
  return {
    options: { environment, display: { update: say, say } },
    said,
    builds,
    countBuilds: () => (existsSync(builds) ? readFileSync(builds, 'utf8').trim().split('\n').length : 0),
    cache: join(cache, 'tidegate', 'control-plane'),
  }
}

it('builds once, shows what it does, and finds the programs the next time', async () => {
  const { options, said, countBuilds } = bench()
  expect(await findAssets(options)).toBeUndefined()
  const { folder, path } = await ensureAssets(options)
  const programs = ['etcd', 'helm', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kwok']
  expect(readdirSync(folder).toSorted()).toEqual([...programs, 'manifest.json'])
  expect(said[0]).toMatch(/^building the control plane: /)
  expect(said.at(-1)).toMatch(/^the control plane is built, in \d+ s: /)
  expect((await ensureAssets(options)).folder).toBe(folder)
  expect((await findAssets(options))?.path('etcd')).toBe(path('etcd'))
  expect(countBuilds()).toBe(1)
})

describe('a damaged cache', () => {
  it.each<readonly [string, (file: string) => void]>([
    ['kwok is truncated', (file) => truncateSync(file, 10)],
    ['kwok is not executable', (file) => chmodSync(file, 0o644)],
    ['kwok is missing', (file) => rmSync(file)],
    ['kwok has changed', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('v1', 'v2'))],
    ['manifest.json is missing or damaged', (file) => writeFileSync(join(file, '..', 'manifest.json'), '{')],
  ])('is said and built again: %s', async (damage, harm) => {
    const { options, said, countBuilds } = bench()
    const { folder, path } = await ensureAssets(options)
    harm(path('kwok'))
    said.length = 0
    await ensureAssets(options)
    expect(said[0]).toBe(`the built control plane in ${folder} is damaged (${damage}): building it again`)
    expect(countBuilds()).toBe(2)
    expect(await findAssets(options)).toBeDefined()
  })

  it('is not what a file of the same content with another time is', async () => {
    const { options, countBuilds } = bench()
    const { path } = await ensureAssets(options)
    utimesSync(path('kwok'), new Date(0), new Date(0))
    expect(statSync(path('kwok')).mtimeMs).toBe(0)
    await ensureAssets(options)
    expect(countBuilds()).toBe(1)
  })
})

it('of two at once one builds, and the other waits and says so', async () => {
  const one = bench()
  writeFileSync(`${one.builds}.hold`, '')
  const first = ensureAssets(one.options)
  await eventually(() => (one.countBuilds() === 1 ? true : undefined))
  const said: string[] = []
  const say = (line: string): void => void said.push(line)
  const second = ensureAssets({ ...one.options, display: { say, update: say } })
  await eventually(() => (said.length > 1 ? true : undefined))
  expect(said[0]).toBe(`another process (${process.pid}) is building the control plane: waiting for it`)
  rmSync(`${one.builds}.hold`)
  expect((await first).folder).toBe((await second).folder)
  expect(one.countBuilds()).toBe(1)
})

describe('what stands in the way is one line with a remedy, and leaves nothing half-built', () => {
  it.each<readonly [string, string, Readonly<Record<string, string>>, RegExp]>([
    ['no Go', 'NoGo', { PATH: '/nowhere' }, /^Go 1\.26\.0 or newer builds .* no go in PATH: install it from https:\/\/go\.dev\/dl, or set KUBEBUILDER_ASSETS/],
    ['an old Go', 'GoTooOld', { FAKE_VERSION: 'go1.25.1' }, /^Go 1\.26\.0 or newer builds .* is 1\.25\.1: install/],
    ['a full disk', 'NoSpace', { FAKE_FAILURE: 'write x.a: no space left on device' }, /^the disk is full: .*make room/],
    ['no network', 'NoNetwork', { FAKE_FAILURE: 'go: x@v1: dial tcp: i/o timeout' }, /^Go modules could not be downloaded: .*GOPROXY/],
    ['a build that fails', 'BuildFailed', { FAKE_FAILURE: 'x.go:1:1: undefined: y' }, /^the control plane could not be built: x\.go:1:1: undefined: y/],
  ])('%s', async (_what, kind, environment, message) => {
    const { options, cache } = bench(environment)
    const error: unknown = await ensureAssets(options).catch((reason: unknown) => reason)
    expect(isLocalError(error) && error.kind).toBe(kind)
    const words = error instanceof Error ? error.message : ''
    expect(words).toMatch(message)
    expect(words).not.toContain('\n')
    expect(readdirSync(cache).filter((name) => !/\.(lock|log|owner)$/.test(name))).toEqual([])
    expect(await findAssets(options)).toBeUndefined()
  })

  it('an abort ends go', async () => {
    const { options, builds, cache } = bench()
    writeFileSync(`${builds}.hold`, '')
    const stopping = new AbortController()
    const building = ensureAssets({ ...options, signal: stopping.signal })
    const pid = await eventually(() => (existsSync(builds) ? Number(readFileSync(builds, 'utf8')) || undefined : undefined))
    stopping.abort(new Error('enough'))
    await expect(building).rejects.toThrow('enough')
    await allGone([pid])
    expect(readdirSync(cache).filter((name) => name.endsWith('.building'))).toEqual([])
  })
})

const silent = (): void => undefined

it('an abort that comes while go is started ends it too', async () => {
  const { options, builds } = bench()
  writeFileSync(`${builds}.hold`, '')
  const stopping = new AbortController()
  const env = { ...options.environment } as Record<string, string>
  const running = runGo(['build'], { folder: findSources(), env, signal: stopping.signal, onOutput: silent, onError: silent })
  stopping.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
})

describe('KUBEBUILDER_ASSETS', () => {
  it('is used as it is, and says what is missing there', async () => {
    const { options, countBuilds } = bench()
    const { folder, path } = await ensureAssets(options)
    const given = { ...options, environment: { ...options.environment, KUBEBUILDER_ASSETS: folder } }
    expect((await ensureAssets(given)).folder).toBe(folder)
    rmSync(path('kwok'))
    rmSync(path('helm'))
    await expect(ensureAssets(given)).rejects.toThrow(`KUBEBUILDER_ASSETS=${folder} lacks kwok, helm: add what is missing, or unset it`)
    expect(countBuilds()).toBe(1)
  })

  it('says which program does not run here', async () => {
    const { options } = bench()
    const { folder, path } = await ensureAssets(options)
    writeFileSync(path('etcd'), Buffer.from('\u007FELF\u0002\u0001\u0001 made for another machine'))
    const given = { ...options, environment: { ...options.environment, KUBEBUILDER_ASSETS: folder } }
    await expect(ensureAssets(given)).rejects.toThrow(/etcd does not run here \(it is damaged or made for another machine\)/)
  })
})

it('a lock goes with the process that held it', async () => {
  const path = join(testFolder(), 'lock')
  const held = tryLock(path)
  expect(tryLock(path)).toBeUndefined()
  held?.release()
  const module = join(import.meta.dirname, '../../../src/local/file-lock.ts')
  const script = `import { tryLock } from ${JSON.stringify(module)}; globalThis.held = tryLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  expect(isAlive(child.pid ?? 0)).toBe(true)
  expect(tryLock(path)).toBeUndefined()
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
  const again = tryLock(path)
  expect(again).toBeDefined()
  again?.release()
})
