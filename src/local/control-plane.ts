import { join } from 'node:path'
import { type Clock, systemClock } from '../lib/clock.ts'
import { type Random, systemRandom } from '../lib/random.ts'
import { createLogger, type Logger } from '../observability/logger.ts'
import type { ApiAccess } from './api-request.ts'
import { type Assets, ensureAssets } from './assets.ts'
import { removeDeadApis } from './dead-apis.ts'
import { childEnvironment, type Environment } from './environment.ts'
import type { IdentityName, Tokens } from './identities.ts'
import { isLocalError, LocalError } from './local-error.ts'
import { type PartName, partFlags, planePaths, type PlaneSettings, type Ports, programs } from './part-flags.ts'
import { confirmFirstStart, memoryPath, prepareFiles, recallOrCreate, remember, writeKubeconfigs } from './plane-files.ts'
import { openPlaneFolder, type PlaneFolder } from './plane-folder.ts'
import { freePorts, isFree } from './ports.ts'
import { waitForAnswer } from './ready.ts'
import { findSources } from './sources.ts'
import { Supervisor } from './supervisor.ts'

/** A part that a plane can do without. */
type OptionalPart = Exclude<PartName, 'etcd' | 'apiserver'>

export interface ControlPlaneOptions {
  /** Default: `ensureAssets`, which may build for minutes and shows it on standard error. */
  readonly assets?: Assets
  /** Beside etcd and the API server. Default: all. */
  readonly parts?: readonly OptionalPart[]
  /** Keeps objects, certificates, tokens and the port there. Default: in memory, gone at the end. */
  readonly dataDir?: string
  /** Another plane's etcd, with a prefix of our own, instead of one of our own. */
  readonly etcd?: { readonly url: string; readonly prefix: string }
  /** Flags on top of ours, such as `--etcd-compaction-interval=10s` for the API server. */
  readonly flags?: Readonly<Partial<Record<PartName, readonly string[]>>>
  readonly environment?: Environment
  readonly signal?: AbortSignal
  readonly log?: Logger
  readonly clock?: Clock
  readonly random?: Random
}

const portAttempts = 5

/**
 * Starts etcd, kube-apiserver and the parts asked for, on free ports of 127.0.0.1, and waits until they can be used: `/readyz`, and with a
 * controller manager the default service account.
 *
 * Guarantees: every process ends when ours does, SIGKILL included; a start that fails leaves none and no folder in memory; `KUBECONFIG`, proxies
 * and cloud settings of the environment are not seen by anything here; any number of planes run side by side; an aggregated API that nobody
 * serves any more, which would block the deletion of every namespace, is taken out.
 * Errors: `LocalError`, one line with the remedy; the signal's reason when it is aborted.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { environment = process.env, signal = new AbortController().signal } = options
  const assets = options.assets ?? (await ensureAssets({ environment, signal }))
  signal.throwIfAborted()
  const folder = await openPlaneFolder(options.dataDir)
  const plane = new ControlPlane({ ...options, environment, signal, assets }, folder)
  const stop = (): void => void plane.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await plane.start()
    return plane
  } catch (error) {
    await plane.stop()
    signal.throwIfAborted()
    throw error
  }
}

type Options = ControlPlaneOptions & { readonly assets: Assets; readonly environment: Environment; readonly signal: AbortSignal }

/** A control plane that runs. Made by `startControlPlane`. */
export class ControlPlane {
  readonly assets: Assets
  readonly dir: string
  /** Writes only, one JSON line each. */
  readonly auditLog: string
  /** Resolves when the plane has ended: with the reason where a part ended by itself, else with nothing. */
  readonly ended: Promise<LocalError | undefined>
  readonly #options: Options
  readonly #folder: PlaneFolder
  readonly #clock: Clock
  readonly #random: Random
  readonly #log: Logger
  readonly #sources = findSources()
  readonly #supervisor: Supervisor
  readonly #settleEnded: (reason: LocalError | undefined) => void
  #settings: PlaneSettings | undefined
  #tokens: Tokens | undefined
  #identities: Readonly<Record<IdentityName, string>> | undefined
  #stopping: Promise<void> | undefined

  /** Use `startControlPlane`. */
  constructor(options: Options, folder: PlaneFolder) {
    this.#options = options
    this.#folder = folder
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? systemRandom
    this.#log = options.log ?? createLogger({ level: 'silent' })
    this.assets = options.assets
    this.dir = folder.dir
    this.auditLog = planePaths(folder.dir).auditLog
    const { promise, resolve } = Promise.withResolvers<LocalError | undefined>()
    this.ended = promise
    this.#settleEnded = resolve
    this.#supervisor = new Supervisor((failure) => this.#onFailure(failure))
  }

  /** `https://127.0.0.1:PORT` */
  get server(): string {
    return `https://127.0.0.1:${need(this.#settings).ports.apiserver}`
  }

  /** The administrator's kubeconfig. */
  get kubeconfig(): string {
    return this.identities.admin
  }

  /** A kubeconfig for each identity. */
  get identities(): Readonly<Record<IdentityName, string>> {
    return need(this.#identities)
  }

  /** For another plane on the same etcd. */
  get etcdUrl(): string {
    return need(this.#settings).etcdUrl
  }

  /** The process id of every part that runs. */
  get pids(): Readonly<Partial<Record<PartName, number>>> {
    return this.#supervisor.pids
  }

  /** Called once, by `startControlPlane`. */
  async start(): Promise<void> {
    const { signal, parts = ['controller-manager', 'scheduler', 'kwok'] } = this.#options
    const started = this.#clock.monotonicMs()
    const access = await this.#startServer()
    await confirmFirstStart(this.dir)
    this.#identities = await writeKubeconfigs(this.dir, { server: this.server, caPem: access.caPem, tokens: need(this.#tokens) })
    for (const part of parts) await this.#spawn(part)
    await removeDeadApis(access, { clock: this.#clock, signal, log: this.#log })
    if (parts.includes('controller-manager')) await this.#waitFor('/api/v1/namespaces/default/serviceaccounts/default', 'controller-manager')
    this.#log.info({ server: this.server, dir: this.dir, ms: Math.round(this.#clock.monotonicMs() - started) }, 'control plane ready')
  }

  /** Ends everything and, unless the data is kept, removes the folder. Any number of calls are one. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#stopOnce()
    await this.#stopping
  }

  /** SIGKILL for the API server; everything else goes on. */
  async killApiserver(): Promise<void> {
    await this.#supervisor.kill('apiserver')
  }

  /** Starts the API server again after `killApiserver`, on the same port, and waits until it is ready. */
  async startApiserver(): Promise<void> {
    if (!this.#supervisor.isRunning('apiserver')) await this.#spawn('apiserver')
    await this.#waitFor('/readyz', 'apiserver')
  }

  /** SIGSTOP: connections stay open and nobody answers. */
  pauseApiserver(): void {
    this.#supervisor.signal('apiserver', 'SIGSTOP')
  }

  /** SIGCONT, after `pauseApiserver`. */
  resumeApiserver(): void {
    this.#supervisor.signal('apiserver', 'SIGCONT')
  }

  /** etcd and the API server; once more on other ports when somebody took one in between. */
  async #startServer(): Promise<ApiAccess> {
    const { tokens, ports } = await recallOrCreate(this.dir, this.#random)
    this.#tokens = tokens
    await prepareFiles(this.dir, tokens, this.#clock)
    for (let attempt = 1; ; attempt += 1) {
      await this.#choosePorts(ports)
      try {
        if (this.#options.etcd === undefined) await this.#spawn('etcd')
        await this.#spawn('apiserver')
        return await this.#waitFor('/readyz', 'apiserver')
      } catch (error) {
        if (!isLocalError(error, 'PortTaken') || attempt === portAttempts) throw error
        this.#log.debug({ attempt }, 'a port was taken in between: choosing others')
        await this.#supervisor.restart()
      }
    }
  }

  async #choosePorts(remembered: Ports | undefined): Promise<void> {
    const { etcd, flags = {} } = this.#options
    const [apiserver = 0, client = 0, peer = 0] = await freePorts(3, this.#random)
    const ports = { apiserver: remembered?.apiserver ?? apiserver, etcd: client, etcdPeer: peer }
    if (remembered !== undefined) await this.#waitForPort(ports.apiserver)
    this.#settings = {
      dir: this.dir,
      sources: this.#sources,
      ports,
      etcdUrl: etcd?.url ?? `http://127.0.0.1:${ports.etcd}`,
      etcdPrefix: etcd?.prefix,
      kept: this.#folder.kept,
      extra: flags,
    }
    if (this.#folder.kept) await remember(this.dir, { tokens: need(this.#tokens), ports })
  }

  /** The port that people's kubeconfigs name. After a SIGKILL the last plane's API server may still be ending. */
  async #waitForPort(port: number): Promise<void> {
    const deadline = this.#clock.monotonicMs() + 10_000
    while (!(await isFree(port))) {
      if (this.#clock.monotonicMs() > deadline) {
        const remedy = `stop it, or remove ${memoryPath(this.dir)} to get a new port and new tokens`
        throw new LocalError('PortTaken', `port ${port} of the data folder ${this.dir} is taken by another program: ${remedy}`)
      }
      await this.#clock.sleep(100, { signal: this.#options.signal })
    }
  }

  async #spawn(part: PartName): Promise<void> {
    this.#options.signal.throwIfAborted()
    const { kept } = this.#folder
    await this.#supervisor.spawn(part, {
      command: this.assets.path(programs[part]),
      args: partFlags(part, need(this.#settings)),
      env: childEnvironment(this.#options.environment, this.dir),
      cwd: this.dir,
      sources: this.#sources,
      logFile: join(planePaths(this.dir).logs, `${part}.log`),
      graceMs: kept ? 5_000 : 100,
      ...(part === 'etcd' && !kept ? { remove: this.dir } : {}),
    })
    this.#log.debug({ part, pid: this.pids[part] }, 'started')
  }

  async #waitFor(path: string, part: PartName): Promise<ApiAccess> {
    return waitForAnswer(path, {
      part,
      port: need(this.#settings).ports.apiserver,
      caFile: planePaths(this.dir).ca,
      token: need(this.#tokens).admin,
      supervisor: this.#supervisor,
      clock: this.#clock,
      signal: this.#options.signal,
    })
  }

  /** Before it is ready the start sees a failure and decides; after, half a control plane would mislead, so all of it ends. */
  #onFailure(failure: LocalError): void {
    if (this.#identities === undefined) return
    this.#log.error({ reason: failure.message }, 'a part of the control plane ended')
    void this.stop()
  }

  async #stopOnce(): Promise<void> {
    await this.#supervisor.close(this.#folder.kept ? 'SIGTERM' : 'SIGKILL')
    this.#folder.release()
    this.#log.info({ dir: this.dir }, 'control plane stopped')
    this.#settleEnded(this.#supervisor.failure)
  }
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the control plane is not ready')
  return value
}
