import { ServiceError } from '../service-error.ts'
import type { Operation } from './operation.ts'
import type { Protocol } from './protocol.ts'

/** AWS' awsJson1.1 (SageMaker, SSM, Pricing): the operation in `X-Amz-Target`, one JSON object each way. */
export function awsJson(operations: readonly Operation[]): Protocol {
  return {
    decode: (request) => {
      const header = request.headers['x-amz-target']
      const target = typeof header === 'string' ? header : ''
      const operation = operations.find(({ name }) => name === target.slice(target.indexOf('.') + 1))
      if (operation === undefined) throw new ServiceError('UnknownOperationException', 400, `the simulator does not know the target ${target || '(none)'}`)
      try {
        return { operation, input: request.body === '' ? {} : (JSON.parse(request.body) as unknown) }
      } catch {
        throw new ServiceError('SerializationException', 400, 'the body is not JSON')
      }
    },
    encode: (_action, output, requestId) => ({ status: 200, headers: jsonHeaders(requestId), body: JSON.stringify(output) }),
    encodeError: (error, requestId) => ({
      status: error.status,
      headers: jsonHeaders(requestId),
      body: JSON.stringify({ __type: error.code, message: error.message, ...error.fields }),
    }),
    inputError: ({ member, rule }) =>
      new ServiceError('ValidationException', 400, `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${rule}`),
  }
}

function jsonHeaders(requestId: string): Readonly<Record<string, string>> {
  return { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId }
}
