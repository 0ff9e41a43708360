import type { ActionsOf, AwsApi, AwsService } from './api.ts'

/** Where keys come from when the standard chain is not wanted (tests, an assumed role). */
export type AwsCredentials = () => Promise<{
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** From 5 min before it the SDK asks again; absent: they are kept for good. */
  readonly expiration?: Date
}>

/** How a client is made; the same for each service. */
export interface ConnectionConfig {
  readonly region: string
  readonly endpoint?: string
  readonly credentials?: AwsCredentials
  readonly maxAttempts: number
  readonly retryMode: 'adaptive' | 'standard'
  readonly requestHandler: {
    readonly connectionTimeout: number
    readonly requestTimeout: number
    readonly throwOnRequestTimeout: true
    readonly httpAgent: { readonly timeout: number }
    readonly httpsAgent: { readonly timeout: number }
  }
  readonly logger: SdkLogger
}

/** The SDK's own logger interface; it writes each call with its input at `info`, which is not wanted. */
interface SdkLogger {
  trace(...content: readonly unknown[]): void
  debug(...content: readonly unknown[]): void
  info(...content: readonly unknown[]): void
  warn(...content: readonly unknown[]): void
  error(...content: readonly unknown[]): void
}

/** One open client. `send` rejects with the SDK's raw errors. */
export interface Connection {
  send(action: string, input: unknown, signal: AbortSignal): Promise<unknown>
  close(): void
}

/** The commands of one service, held complete against api.ts. */
export type Commands<S extends AwsService> = { readonly [A in ActionsOf<S>]: new (input: AwsApi[A]['input']) => object }

interface SdkClient {
  send(command: never, options: { readonly abortSignal: AbortSignal }): Promise<unknown>
  destroy(): void
}

export function connection(client: SdkClient, commands: Readonly<Record<string, new (input: never) => object>>): Connection {
  return {
    send: async (action, input, signal) => {
      const Command = commands[action]
      if (Command === undefined) throw new Error(`no command for ${action}`)
      return await client.send(new Command(input as never) as never, { abortSignal: signal })
    },
    close: () => {
      client.destroy()
    },
  }
}
