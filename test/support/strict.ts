import { join } from 'node:path'
import { readScenario, type Scenario } from '../../src/simulator/scenario/scenario.ts'

/** A cloud as awkward as AWS can be (aws-rules G11): `src/simulator/scenarios/strict.yaml`. */
export async function strictScenario(): Promise<Scenario> {
  return await readScenario(join(import.meta.dirname, '../../src/simulator/scenarios/strict.yaml'))
}
