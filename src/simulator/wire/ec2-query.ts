import { ServiceError } from '../service-error.ts'
import { parseForm } from './form.ts'
import type { Operation } from './operation.ts'
import type { Protocol } from './protocol.ts'
import { toXml } from './xml.ts'

const version = '2016-11-15'
const namespace = `http://ec2.amazonaws.com/doc/${version}/`

/** EC2's own dialect: lists without `member`, answers without a result element, errors in `Response/Errors`. */
export function ec2Query(operations: readonly Operation[]): Protocol {
  return {
    decode: (request) => {
      const form = new URLSearchParams(request.body === '' ? request.query : request.body)
      const action = form.get('Action')
      const operation = operations.find(({ name }) => name === action)
      if (operation === undefined || form.get('Version') !== version) {
        throw new ServiceError('InvalidAction', 400, `The action ${action ?? '(none)'} is not valid for this web service.`)
      }
      form.delete('Action')
      form.delete('Version')
      return { operation, input: operation.convert(parseForm(form, 'flat')) }
    },
    encode: (action, output, requestId) => ({
      status: 200,
      headers: xmlHeaders(requestId),
      body: toXml(`${action}Response`, namespace, { requestId, ...output }, 'item'),
    }),
    encodeError: (error, requestId) => ({
      status: error.status,
      headers: xmlHeaders(requestId),
      body: toXml('Response', undefined, { Errors: { Error: { Code: error.code, Message: error.message } }, RequestID: requestId }, 'item'),
    }),
    inputError: ({ kind, member, rule }) => {
      if (kind === 'missing') return new ServiceError('MissingParameter', 400, `The request must contain the parameter ${member}`)
      if (kind === 'unknown') return new ServiceError('UnknownParameter', 400, `The parameter ${member} is not recognized: ${rule}`)
      return new ServiceError('InvalidParameterValue', 400, `Invalid value for parameter ${member}: ${rule}`)
    },
  }
}

function xmlHeaders(requestId: string): Readonly<Record<string, string>> {
  return { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId }
}
