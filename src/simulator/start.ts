import type { KubeClient } from '../kube/client.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Logger } from '../observability/logger.ts'
import { autoscaling } from './autoscaling/service.ts'
import { CallLog } from './calls.ts'
import { SimulatedClock } from './clock.ts'
import { controlRoutes } from './control/routes.ts'
import { runDrainer } from './drains/drainer.ts'
import { ec2 } from './ec2/service.ts'
import { eks } from './eks/service.ts'
import { FaultBook } from './faults.ts'
import { iam } from './iam/service.ts'
import { runJoiner } from './joiner/joiner.ts'
import { Policies } from './policy/policies.ts'
import { demoScenario } from './scenario/demo.ts'
import { type Scenario, type ScenarioSummary, summarize } from './scenario/scenario.ts'
import { createServer } from './server.ts'
import { Sessions } from './sts/sessions.ts'
import { sts } from './sts/service.ts'
import { Dispatcher } from './wire/dispatcher.ts'
import { World } from './world.ts'

export interface SimulatorOptions {
  /** Default: any free port. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Simulated seconds per real second; default 1. */
  readonly speed?: number
  /** Starts with a clock that stands still until `/_simulator/clock` steps it. */
  readonly paused?: boolean
  /** Default: the built-in `demo`. */
  readonly scenario?: Scenario
  /** Where nodes join, by EKS cluster name; the name `*` stands for every cluster that is not named. Without one, instances run and no Node joins. */
  readonly kube?: ReadonlyMap<string, KubeClient>
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

export interface Simulator {
  readonly url: string
  /** Ids to print. */
  readonly scenarioSummary: ScenarioSummary
  /** Ends the server, its connections, the clock and the joiner; Nodes that were joined stay. */
  close(): Promise<void>
}

/**
 * Starts a simulated AWS.
 *
 * @throws Error with one line when the port is taken.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', speed = 1, paused = false, scenario = demoScenario, kube = new Map(), clock, random, log } = options
  const stop = new AbortController()
  const simulated = new SimulatedClock(clock, { speed, paused })
  const places = joiners(kube)
  const world = new World({ scenario, clock: simulated, random, faults: new FaultBook(), attached: (cluster) => places.some(({ isHere }) => isHere(cluster)) })
  const calls = new CallLog()
  const policies = new Policies()
  const sessions = new Sessions(scenario.account)
  const dispatcher = new Dispatcher({ world, services: [eks, autoscaling, ec2, iam, sts], sessions, policies, calls, clock, random, log, signal: stop.signal })
  const app = createServer({
    dispatcher,
    log,
    control: (server) => {
      controlRoutes(server, { world, calls, policies })
    },
  })
  const url = await app.listen({ port, host }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new Error(`port ${port} on ${host} is taken: give another one with --port`, { cause: error })
    throw error
  })
  const watched = { regions: () => world.regions(), onChange: (listener: () => void) => world.onChange(listener) }
  const running = [
    simulated.run(stop.signal),
    ...places.map(async (place) => runJoiner({ ...place, ...watched, clock, random, log }, stop.signal)),
    ...places.map(async (place) => runDrainer({ ...place, ...watched, clock, log }, stop.signal)),
  ]
  if (kube.size === 0) log.debug('no kubeconfig was given: instances will run and no node will join')
  return {
    url,
    scenarioSummary: summarize(scenario),
    close: async () => {
      stop.abort()
      await app.close()
      await Promise.all(running)
    },
  }
}

/** Which client leads to which clusters: a name to one, `*` to all that have none of their own. */
function joiners(kube: ReadonlyMap<string, KubeClient>): readonly { readonly kube: KubeClient; readonly isHere: (cluster: string) => boolean }[] {
  return [...kube].map(([name, client]) => ({ kube: client, isHere: (cluster) => (name === '*' ? !kube.has(cluster) : cluster === name) }))
}
