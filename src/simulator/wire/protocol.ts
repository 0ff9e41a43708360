import type { ServiceError } from '../service-error.ts'
import type { InputFault, Operation } from './operation.ts'

/** A request as it came over HTTP. */
export interface WireRequest {
  readonly method: string
  /** Still percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

export interface WireAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A request that a protocol has taken apart: which operation, with what. */
export interface Decoded {
  readonly operation: Operation
  readonly input: unknown
}

/** How one service speaks. */
export interface Protocol {
  /** @throws ServiceError when the route, action or target is unknown, or the body cannot be read. */
  readonly decode: (request: WireRequest) => Decoded
  readonly encode: (action: string, output: object, requestId: string) => WireAnswer
  readonly encodeError: (error: ServiceError, requestId: string) => WireAnswer
  /** The service's own words for an input that its model refuses. */
  readonly inputError: (fault: InputFault) => ServiceError
}

export interface Service {
  /** The signing name. */
  readonly name: string
  readonly protocol: Protocol
}
