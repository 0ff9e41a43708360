import type { Dispatcher } from 'undici'
import type { Clock } from '../lib/clock.ts'
import type { AfterWrite, BeforeWrite } from '../lib/outside-write.ts'
import type { Metrics } from '../observability/metrics.ts'
import { errorOfAnswer, noAnswer } from './answers.ts'
import { applyBody } from './apply-body.ts'
import { jsonOf, maxAnswerBytes, textOf } from './bodies.ts'
import type {
  CallOptions,
  ChangeOptions,
  DeleteOptions,
  EvictOptions,
  JsonPatchOperation,
  KubeClient,
  List,
  ListOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts'
import type { Connection } from './connection.ts'
import { withDeadline } from './deadline.ts'
import { KubeError } from './kube-error.ts'
import type { KubeObject } from './objects.ts'
import { collectionPath, objectPath, queryOf } from './paths.ts'
import { type RateLimit, RateLimiter } from './rate-limiter.ts'
import { type ObjectKey, type Resource, keyOf, resources } from './resource.ts'
import { RestMetrics, type Verb } from './rest-metrics.ts'
import { watchEvents } from './watch-stream.ts'

export interface RestClientOptions {
  readonly connection: Connection
  readonly clock: Clock
  readonly metrics: Metrics
  /** Default 200 a second, 400 at once (architecture §4). Calls about Leases pass by it, so that a busy client does not lose its leadership. */
  readonly rateLimit?: RateLimit
  readonly beforeWrite?: BeforeWrite
  /** Default `tidegate`. */
  readonly userAgent?: string
}

interface Call extends CallOptions {
  readonly verb: Verb
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  readonly resource: Resource | undefined
  readonly body?: object | undefined
  readonly contentType?: string
}

interface Write extends Call, ChangeOptions {
  readonly fieldManager?: string
  readonly target: string
}

const defaultTimeoutMs = 30_000
/** Until the headers of a watch are here; the caller watches over what comes after. */
const watchHeadersTimeoutMs = 60_000
const maxErrorBytes = 256 * 1024

/** The one way to an API server; contract and errors as in `KubeClient`. What `beforeWrite` throws comes out as it is. */
export class RestClient implements KubeClient {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #limiter: RateLimiter
  readonly #metrics: RestMetrics
  readonly #beforeWrite: BeforeWrite | undefined
  readonly #userAgent: string

  constructor(options: RestClientOptions) {
    this.#connection = options.connection
    this.#clock = options.clock
    this.#limiter = new RateLimiter(options.rateLimit ?? { qps: 200, burst: 400 }, options.clock)
    this.#metrics = new RestMetrics(options.metrics, options.connection.server.host)
    this.#beforeWrite = options.beforeWrite
    this.#userAgent = options.userAgent ?? 'tidegate'
  }

  async get<T extends KubeObject>(resource: Resource, key: ObjectKey, options: CallOptions): Promise<T> {
    return await this.#read<T>({ ...options, verb: 'get', method: 'GET', path: objectPath(resource, key), resource })
  }

  async list<T extends KubeObject>(resource: Resource, options: ListOptions): Promise<List<T>> {
    const { namespace, labelSelector, fieldSelector, limit, resourceVersion, continue: token } = options
    const query = queryOf({ labelSelector, fieldSelector, limit, continue: token, resourceVersion })
    const path = `${collectionPath(resource, namespace)}${query}`
    const list = await this.#read<Partial<List<T>>>({ ...options, verb: 'list', method: 'GET', path, resource })
    // an empty list of some kinds comes as null
    return { items: list.items ?? [], metadata: list.metadata ?? { resourceVersion: '' } }
  }

  async create<T extends KubeObject>(resource: Resource, body: object, options: WriteOptions & { readonly namespace?: string | undefined }): Promise<T> {
    const path = `${collectionPath(resource, options.namespace)}${queryOf({ fieldManager: options.fieldManager, fieldValidation: 'Strict' })}`
    const name = (body as { readonly metadata?: { readonly name?: string } }).metadata?.name ?? ''
    const target = targetOf(resource, { namespace: options.namespace, name })
    return await this.#write<T>({ ...options, verb: 'create', method: 'POST', path, resource, body, contentType: 'application/json', target })
  }

  async replace<T extends KubeObject>(resource: Resource, key: ObjectKey, body: object, options: WriteOptions): Promise<T> {
    const path = objectPath(resource, key, options.subresource) + queryOf({ fieldManager: options.fieldManager, fieldValidation: 'Strict' })
    const target = targetOf(resource, key, options.subresource)
    return await this.#write<T>({ ...options, verb: 'update', method: 'PUT', path, resource, body, contentType: 'application/json', target })
  }

  async apply<T extends KubeObject>(resource: Resource, key: ObjectKey, body: object, options: WriteOptions & { readonly force?: boolean }): Promise<T> {
    const query = queryOf({ fieldManager: options.fieldManager, fieldValidation: 'Strict', force: options.force === true ? true : undefined })
    const path = `${objectPath(resource, key, options.subresource)}${query}`
    const target = targetOf(resource, key, options.subresource)
    const contentType = 'application/apply-patch+yaml'
    return await this.#write<T>({ ...options, verb: 'apply', method: 'PATCH', path, resource, body, contentType, target })
  }

  async jsonPatch<T extends KubeObject>(resource: Resource, key: ObjectKey, operations: readonly JsonPatchOperation[], options: WriteOptions): Promise<T> {
    const path = objectPath(resource, key, options.subresource) + queryOf({ fieldManager: options.fieldManager, fieldValidation: 'Strict' })
    const target = targetOf(resource, key, options.subresource)
    const contentType = 'application/json-patch+json'
    return await this.#write<T>({ ...options, verb: 'patch', method: 'PATCH', path, resource, body: operations, contentType, target })
  }

  async delete(resource: Resource, key: ObjectKey, options: DeleteOptions): Promise<void> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...deleteOptions(options) }
    const [path, target] = [objectPath(resource, key), targetOf(resource, key)]
    await this.#write({ ...options, verb: 'delete', method: 'DELETE', path, resource, body, contentType: 'application/json', target })
  }

  async evict(key: ObjectKey, options: EvictOptions): Promise<void> {
    const metadata = { namespace: key.namespace, name: key.name }
    const body = { kind: 'Eviction', apiVersion: 'policy/v1', metadata, deleteOptions: deleteOptions(options) }
    const [path, target] = [objectPath(resources.pods, key, 'eviction'), targetOf(resources.pods, key, 'eviction')]
    const call = { ...options, urgent: true, path, resource: resources.pods, body, target }
    await this.#write({ ...call, verb: 'evict', method: 'POST', contentType: 'application/json' })
  }

  async *watch<T extends KubeObject>(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const { signal, namespace, labelSelector, fieldSelector, resourceVersion, sendInitialEvents, timeoutSeconds } = options
    const query = queryOf({
      watch: true,
      allowWatchBookmarks: true,
      labelSelector,
      fieldSelector,
      resourceVersion,
      timeoutSeconds,
      // `false` is another question than nothing, and is refused
      sendInitialEvents: sendInitialEvents === true ? true : undefined,
      resourceVersionMatch: sendInitialEvents === true ? 'NotOlderThan' : undefined,
    })
    const path = `${collectionPath(resource, namespace)}${query}`
    const call: Call = { signal, timeoutMs: watchHeadersTimeoutMs, verb: 'watch', method: 'GET', path, resource }
    const stop = new AbortController()
    const onAbort = (): void => {
      stop.abort(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      const body = await this.#deadline(call, async (inner) => {
        await this.#admit(call, inner)
        inner.addEventListener('abort', () => {
          stop.abort(inner.reason)
        })
        return await this.#exchange(call, stop.signal, async (answer) => answer.body)
      })
      try {
        options.onOpen?.()
        yield* watchEvents<T>(body, options.onBytes)
      } finally {
        body.destroy()
      }
    } catch (error) {
      throw this.#mapped(call, signal, error)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async raw(path: string, options: CallOptions): Promise<string> {
    const call: Call = { ...options, verb: 'get', method: 'GET', path, resource: undefined }
    return await this.#deadline(call, async (signal) => {
      await this.#admit(call, signal)
      return await this.#exchange(call, signal, async (answer) => await textOf(answer.body, maxAnswerBytes))
    })
  }

  async #read<T>(call: Call): Promise<T> {
    const deadline = this.#clock.monotonicMs() + (call.timeoutMs ?? defaultTimeoutMs)
    return await this.#deadline(call, async (signal) => {
      for (;;) {
        await this.#admit(call, signal)
        try {
          return await this.#exchange(call, signal, async (answer) => await jsonOf<T>(answer.body))
        } catch (error) {
          const waitMs = retryDelayMs(error)
          if (waitMs === undefined || this.#clock.monotonicMs() + waitMs >= deadline) throw error
          await this.#clock.sleep(waitMs, { signal })
        }
      }
    })
  }

  async #write<T>(call: Write): Promise<T> {
    const { verb, target, fieldManager } = call
    await this.#deadline(call, async (signal) => await this.#admit(call, signal))
    // In no deadline of this call: a question to another API server that nobody answers would pass for no answer of this one.
    await call.confirm?.()
    return await this.#deadline(call, async (signal) => {
      const write = { system: 'kubernetes', action: verb, target, ...(fieldManager === undefined ? {} : { fieldManager }) } as const
      const after = await this.#beforeWrite?.(write, { signal })
      signal.throwIfAborted()
      return await told(after, async () => await this.#exchange(call, signal, async (answer) => await jsonOf<T>(answer.body)))
    })
  }

  /** Waits for the rate limit, which Leases pass by. */
  async #admit(call: Call, signal: AbortSignal): Promise<void> {
    if (call.resource?.group === 'coordination.k8s.io') return
    const waitedMs = await this.#limiter.take({ signal, urgent: call.urgent })
    this.#metrics.waited(call.verb, waitedMs)
  }

  async #deadline<T>(call: Call, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal, timeoutMs = defaultTimeoutMs } = call
    const expired = (): KubeError => new KubeError(0, 'NoAnswer', `${call.method} ${pathOnly(call)}: no answer within ${timeoutMs} ms`)
    return await withDeadline({ clock: this.#clock, signal, timeoutMs, expired }, work)
  }

  /** One request and its answer. Counted whether it ends well or not. */
  async #exchange<T>(call: Call, signal: AbortSignal, use: (answer: Dispatcher.ResponseData) => Promise<T>): Promise<T> {
    const connection = this.#connection
    const started = this.#clock.monotonicMs()
    let code = '<error>'
    try {
      const headers: Record<string, string | string[]> = { accept: 'application/json', 'user-agent': this.#userAgent }
      for (const [name, value] of Object.entries(await connection.headers())) headers[name] = typeof value === 'string' ? value : [...value]
      if (call.contentType !== undefined) headers['content-type'] = call.contentType
      const answer = await (call.verb === 'watch' ? connection.watches : connection.requests).request({
        origin: connection.server.origin,
        path: connection.server.pathname.replace(/\/$/, '') + call.path,
        method: call.method,
        headers,
        body: bodyOf(call),
        signal,
      })
      code = String(answer.statusCode)
      if (answer.statusCode >= 200 && answer.statusCode < 300) return await use(answer)
      if (answer.statusCode === 401) connection.forget()
      const retryAfter = answer.headers['retry-after']
      throw errorOfAnswer(answer.statusCode, await textOf(answer.body, maxErrorBytes, 'cut'), typeof retryAfter === 'string' ? retryAfter : undefined)
    } catch (error) {
      throw this.#mapped(call, signal, error)
    } finally {
      this.#metrics.finished(call, code, this.#clock.monotonicMs() - started)
    }
  }

  #mapped(call: Call, signal: AbortSignal, error: unknown): unknown {
    if (signal.aborted) return signal.reason
    return error instanceof KubeError ? error : noAnswer(`${call.method} ${pathOnly(call)}`, error)
  }
}

/** Tells `after` how it ended, which may hold the answer back, and gives the answer. */
async function told<T>(after: AfterWrite | undefined, work: () => Promise<T>): Promise<T> {
  if (after === undefined) return await work()
  let answer: T
  try {
    answer = await work()
  } catch (error) {
    await after({ ok: false, error })
    throw error
  }
  await after({ ok: true })
  return answer
}

function targetOf(resource: Resource, key: ObjectKey, subresource?: string): string {
  return `${resource.plural}${subresource === undefined ? '' : `/${subresource}`} ${keyOf(key)}`
}

/** P3: a grace period of 0 takes the object away while its containers run; nobody may ask for it. */
function deleteOptions({ uid, propagation, gracePeriodSeconds }: DeleteOptions): object {
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds < 1) throw new KubeError(400, 'BadRequest', 'a grace period of at least 1 s is needed')
  return {
    ...(uid === undefined ? {} : { preconditions: { uid } }),
    ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  }
}

/** Only what asks for it by `Retry-After`; everything else is the caller's decision. */
function retryDelayMs(error: unknown): number | undefined {
  return error instanceof KubeError && (error.status === 429 || error.status === 503) ? error.retryAfterMs : undefined
}

function pathOnly(call: Call): string {
  return call.path.split('?', 1)[0] ?? ''
}

function bodyOf({ body, contentType }: Call): string | null {
  if (body === undefined) return null
  return contentType === 'application/apply-patch+yaml' ? applyBody(body) : JSON.stringify(body)
}
