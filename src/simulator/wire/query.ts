import { ServiceError } from '../service-error.ts'
import { parseForm } from './form.ts'
import type { Operation } from './operation.ts'
import type { Protocol } from './protocol.ts'
import { toXml } from './xml.ts'

/** AWS' Query protocol, as IAM, STS and Auto Scaling speak it: a form in, XML out. */
export function awsQuery(options: { readonly version: string; readonly namespace: string; readonly operations: readonly Operation[] }): Protocol {
  const { version, namespace, operations } = options
  return {
    decode: (request) => {
      const form = new URLSearchParams(request.body === '' ? request.query : request.body)
      // a presigned request carries its signature beside its members
      for (const name of [...form.keys()].filter((key) => key.startsWith('X-Amz-'))) form.delete(name)
      const action = form.get('Action')
      const operation = operations.find(({ name }) => name === action)
      if (operation === undefined || form.get('Version') !== version) {
        throw new ServiceError('InvalidAction', 400, `Could not find operation ${action ?? '(none)'} for version ${form.get('Version') ?? '(none)'}`)
      }
      form.delete('Action')
      form.delete('Version')
      return { operation, input: operation.convert(parseForm(form, 'member')) }
    },
    encode: (action, output, requestId) => ({
      status: 200,
      headers: xmlHeaders(requestId),
      body: toXml(`${action}Response`, namespace, { [`${action}Result`]: output, ResponseMetadata: { RequestId: requestId } }, 'member'),
    }),
    encodeError: (error, requestId) => ({
      status: error.status,
      headers: xmlHeaders(requestId),
      body: toXml(
        'ErrorResponse',
        namespace,
        { Error: { Type: error.status < 500 ? 'Sender' : 'Receiver', Code: error.code, Message: error.message }, RequestId: requestId },
        'member',
      ),
    }),
    inputError: ({ kind, member, rule }) =>
      kind === 'unknown'
        ? new ServiceError('ValidationError', 400, `${member}: ${rule}`)
        : new ServiceError('ValidationError', 400, `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${rule}`),
  }
}

function xmlHeaders(requestId: string): Readonly<Record<string, string>> {
  return { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }
}
