/** An answer that says no, in the words of the service; the wire layer puts it into the service's own shape. */
export class ServiceError extends Error {
  readonly code: string
  readonly status: number
  /** Members beside the message that the service's error shape has (`clusterName`, `nodegroupName`). */
  readonly fields: Readonly<Record<string, unknown>>

  constructor(code: string, status: number, message: string, fields: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = 'ServiceError'
    this.code = code
    this.status = status
    this.fields = fields
  }
}
