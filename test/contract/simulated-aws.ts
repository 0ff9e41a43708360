import { seededRandom } from '../../src/lib/random.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/start.ts'

/** A simulator whose clock stands until a test steps it, and what SDK clients need to talk to it as an account of their own. */
export interface SimulatedAws {
  readonly simulator: Simulator
  readonly clientConfig: (account?: string) => {
    readonly endpoint: string
    readonly region: string
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
    readonly maxAttempts: number
  }
  advance(seconds: number): Promise<void>
  post(path: string, body: object): Promise<unknown>
  get(path: string): Promise<unknown>
}

const region = 'us-west-2'
export const subnets = ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002', 'subnet-0a1b2c3d4e5f60003']

export function nodeRole(account = '111122223333'): string {
  return `arn:aws:iam::${account}:role/demo-node`
}

export async function startSimulatedAws(options: Partial<SimulatorOptions> = {}): Promise<SimulatedAws> {
  const simulator = await startSimulator({
    clock: systemClock,
    random: seededRandom(7),
    log: createLogger({ level: 'silent' }),
    paused: true,
    ...options,
  })
  const call = async (path: string, init?: RequestInit): Promise<unknown> => {
    const response = await fetch(`${simulator.url}/_simulator/${path}`, init)
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  const post = async (path: string, body: object): Promise<unknown> =>
    call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  return {
    simulator,
    clientConfig: (account = '111122223333') => ({
      endpoint: simulator.url,
      region,
      credentials: { accessKeyId: account, secretAccessKey: 'any' },
      maxAttempts: 1,
    }),
    advance: async (seconds) => {
      await post('clock', { advanceSeconds: seconds })
    },
    post,
    get: async (path) => call(path),
  }
}
