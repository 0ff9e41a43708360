import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { Logger } from '../../observability/logger.ts'
import type { CallLog } from '../calls.ts'
import type { Fault } from '../faults.ts'
import type { Policies } from '../policy/policies.ts'
import { ServiceError } from '../service-error.ts'
import type { Role } from '../state.ts'
import type { Sessions } from '../sts/sessions.ts'
import type { World } from '../world.ts'
import { awsJson } from './json.ts'
import type { Decoded, Protocol, Service, WireAnswer, WireRequest } from './protocol.ts'
import { presignedFault } from './presigned.ts'
import { Throttle } from './throttle.ts'
import { type SigningScope, signingScope } from './signing-scope.ts'

/** An answer, or the order to cut the connection instead of giving one. */
export interface Dispatched {
  readonly answer: WireAnswer
  readonly drop: boolean
}

export interface DispatcherOptions {
  readonly world: World
  readonly services: readonly Service[]
  readonly sessions: Sessions
  readonly policies: Policies
  readonly calls: CallLog
  /** Real time, for latencies and delays: the client's time-outs are real. */
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly signal: AbortSignal
}

/** What answers for a service that is not here. */
const unknownService: Protocol = awsJson([])

/** One call from the wire to the wire: who asks what, faults, validation, the operation, the log. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #services: ReadonlyMap<string, Protocol>
  readonly #throttle: Throttle

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#throttle = new Throttle(options.world.scenario.rates ?? {}, options.clock)
    this.#services = new Map(options.services.map(({ name, protocol }) => [name, protocol]))
  }

  async dispatch(request: WireRequest): Promise<Dispatched> {
    const requestId = this.#options.random.id()
    let scope: SigningScope
    try {
      scope = signingScope(request.headers, request.query)
    } catch (error) {
      const refusal = asServiceError(error)
      this.#options.log.warn({ method: request.method, path: request.path, code: refusal.code }, 'a request without a usable signature was refused')
      return { answer: unknownService.encodeError(refusal, requestId), drop: false }
    }
    const protocol = this.#services.get(scope.service) ?? unknownService
    const exchange: Exchange = { request, requestId, scope, protocol, action: '(unknown)', access: 'read', input: undefined, fault: undefined }
    try {
      const answer = await this.#answer(exchange)
      this.#record(exchange, answer.status)
      return { answer, drop: exchange.fault?.effect === 'DropResponse' }
    } catch (error) {
      const refusal = asServiceError(error)
      if (refusal !== error) this.#options.log.error({ err: error, service: scope.service, action: exchange.action }, 'the simulator failed')
      this.#record(exchange, refusal.status, refusal.code)
      return { answer: protocol.encodeError(refusal, requestId), drop: exchange.fault?.effect === 'DropResponse' }
    }
  }

  async #answer(exchange: Exchange): Promise<WireAnswer> {
    const { world, sessions, policies } = this.#options
    const { request, requestId, scope, protocol } = exchange
    const caller = sessions.whoIs(scope.accessKeyId)
    const { account } = caller
    const forged = presignedFault(request, { now: world.clock.realNow(), secretOf: (key) => sessions.secretOf(key) })
    if (forged !== undefined) throw forged
    const { operation, input } = this.#decode(exchange)
    Object.assign(exchange, { action: operation.name, access: operation.access, input })
    exchange.fault = world.faults.strike({ service: scope.service, action: operation.name, account, input })
    await this.#wait(exchange)
    const fast = !this.#throttle.admits({ account, region: regionOf(scope, world), service: scope.service, action: operation.name })
    if (fast || exchange.fault?.effect === 'Throttle') throw throttled(scope.service)
    if (exchange.fault?.effect === 'Error') throw ordered(exchange.fault)
    const wrong = operation.fault(input)
    if (wrong !== undefined) {
      if (wrong.kind === 'unknown')
        this.#options.log.warn(
          { service: scope.service, action: operation.name, member: wrong.member },
          'a member that the simulator does not model was refused',
        )
      throw protocol.inputError(wrong)
    }
    world.clock.settle()
    const region = world.region(account, regionOf(scope, world))
    const refusal = policies.refusal(caller, scope.service, operation.name, input, region)
    if (refusal !== undefined) throw refusal
    const roleIn = (accountId: string, name: string): Role | undefined => world.region(accountId, region.name).account.roles.get(name)
    const output = operation.run(input, { region, sessions, roleIn, accessKeyId: scope.accessKeyId, requestId })
    return protocol.encode(operation.name, output, request.method === 'HEAD' ? '' : requestId)
  }

  #decode({ request, protocol, scope }: Exchange): Decoded {
    if (!this.#services.has(scope.service)) {
      this.#options.log.warn({ service: scope.service, method: request.method, path: request.path }, 'a call to a service that the simulator does not have')
      throw new ServiceError('UnknownOperationException', 400, `the simulator does not have the service ${scope.service}`)
    }
    try {
      return protocol.decode(request)
    } catch (error) {
      this.#options.log.warn(
        { err: error, service: scope.service, method: request.method, path: request.path },
        'a call that the simulator does not know was refused',
      )
      throw error
    }
  }

  /** The scenario's latency of this action, and a delay that was ordered, for as long as its fault is not taken away. */
  async #wait({ scope, action, fault }: Exchange): Promise<void> {
    const { clock, world, signal } = this.#options
    const latencies = world.scenario.latencyMs ?? {}
    const ms = latencies[`${scope.service}:${action}`] ?? latencies[scope.service] ?? 0
    // asked before anything is waited for: of a fault that is gone nobody can say how it went
    const delay = fault?.effect === 'Delay' ? { ms: fault.delayMs ?? 1000, lifted: world.faults.takenAway(fault) } : undefined
    if (ms > 0) await clock.sleep(ms, { signal })
    if (delay === undefined) return
    const { lifted } = delay
    try {
      await clock.sleep(delay.ms, { signal: AbortSignal.any([signal, lifted]) })
    } catch (error) {
      if (!lifted.aborted || signal.aborted) throw error
    }
  }

  #record({ scope, action, access, input, fault, requestId }: Exchange, status: number, error?: string): void {
    const { calls, world, sessions } = this.#options
    calls.add({
      time: world.clock.now().toISOString(),
      account: sessions.whoIs(scope.accessKeyId).account,
      region: regionOf(scope, world),
      service: scope.service,
      action,
      access,
      status,
      ...(error === undefined ? {} : { error }),
      ...(fault === undefined ? {} : { fault: fault.effect }),
      requestId,
      input,
    })
  }
}

interface Exchange {
  readonly request: WireRequest
  readonly requestId: string
  readonly scope: SigningScope
  readonly protocol: Protocol
  action: string
  access: 'read' | 'write'
  input: unknown
  fault: Fault | undefined
}

/** IAM has one home region for everything; its state is the account's anyway. */
function regionOf(scope: SigningScope, world: World): string {
  return scope.service === 'iam' ? world.scenario.region : scope.region
}

function asServiceError(error: unknown): ServiceError {
  return error instanceof ServiceError ? error : new ServiceError('InternalFailure', 500, 'the simulator failed; its log says why')
}

/** Each service's own word for "too fast". */
function throttled(service: string): ServiceError {
  if (service === 'ec2') return new ServiceError('RequestLimitExceeded', 503, 'Request limit exceeded.')
  if (service === 'eks' || service === 'sagemaker') return new ServiceError('ThrottlingException', service === 'eks' ? 429 : 400, 'Rate exceeded')
  return new ServiceError('Throttling', 400, 'Rate exceeded')
}

/** Codes whose status is not 400 (service models of EKS and Auto Scaling). */
const statuses: Readonly<Record<string, number>> = {
  InternalFailure: 500,
  ResourceContention: 500,
  ServerException: 500,
  ServiceUnavailableException: 503,
  ThrottlingException: 429,
  ResourcePropagationDelayException: 428,
  ResourceInUseException: 409,
  ResourceNotFoundException: 404,
  AccessDeniedException: 403,
  AccessDenied: 403,
}

function ordered(fault: Fault): ServiceError {
  const { code = 'InternalFailure', status = statuses[code] ?? 400, message = `an error that /_simulator/faults ordered (fault ${fault.id})` } = fault
  return new ServiceError(code, status, message)
}
