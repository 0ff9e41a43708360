import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { SimulatedClock } from './clock.ts'
import { FaultBook } from './faults.ts'
import type { Region } from './region.ts'
import { demoScenario } from './scenario/demo.ts'
import type { Scenario } from './scenario/scenario.ts'
import type { Cluster } from './state.ts'
import { World } from './world.ts'

/** A region of the demo scenario on a clock that only `advance` moves, for tests of the rules without HTTP. */
export function testRegion(
  scenario: Scenario = demoScenario,
  attached: (cluster: string) => boolean = () => false,
): {
  readonly world: World
  readonly region: Region
  readonly cluster: Cluster
  readonly faults: FaultBook
  readonly advance: (seconds: number) => void
} {
  const clock = new SimulatedClock(new FakeClock(), { speed: 1, paused: true })
  const faults = new FaultBook()
  const world = new World({ scenario, clock, random: seededRandom(1), faults, attached })
  const region = world.region(scenario.account, scenario.region)
  const cluster = region.clusters.get(scenario.clusters[0]?.name ?? '')
  if (cluster === undefined) throw new Error('the scenario has no cluster')
  return {
    world,
    region,
    cluster,
    faults,
    advance: (seconds) => {
      clock.advance(seconds * 1000)
    },
  }
}
