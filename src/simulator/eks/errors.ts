import { ServiceError } from '../service-error.ts'
import type { InputFault } from '../wire/operation.ts'

/** EKS' exceptions with their statuses (service model; aws-eks.md §3.4). */
export const eksError = {
  invalidParameter: (message: string, fields: object = {}): ServiceError => new ServiceError('InvalidParameterException', 400, message, { ...fields }),
  invalidRequest: (message: string, fields: object = {}): ServiceError => new ServiceError('InvalidRequestException', 400, message, { ...fields }),
  notFound: (message: string, fields: object = {}): ServiceError => new ServiceError('ResourceNotFoundException', 404, message, { ...fields }),
  inUse: (message: string, fields: object = {}): ServiceError => new ServiceError('ResourceInUseException', 409, message, { ...fields }),
  limit: (message: string, fields: object = {}): ServiceError => new ServiceError('ResourceLimitExceededException', 400, message, { ...fields }),
}

export function eksInputError({ member, rule }: InputFault): ServiceError {
  return eksError.invalidParameter(`${member}: ${rule}`)
}
