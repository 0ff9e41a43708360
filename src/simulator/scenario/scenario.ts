import { readFile } from 'node:fs/promises'
import { load } from 'js-yaml'
import { Compile } from 'typebox/compile'
import { type Delays, defaultDelays, defaultQuotas, type Quotas, type ScenarioFile, scenarioSchema } from './schema.ts'

/** A scenario with every default filled in. */
export interface Scenario extends Omit<ScenarioFile, 'delays' | 'quotas'> {
  readonly delays: Delays
  readonly quotas: Quotas
}

/** What a person needs to use a scenario, for the line that is printed at start. */
export interface ScenarioSummary {
  readonly name: string
  readonly account: string
  readonly region: string
  readonly clusters: readonly string[]
  readonly subnets: readonly { readonly id: string; readonly zone: string }[]
  readonly roleArns: readonly string[]
}

const validator = Compile(scenarioSchema)

/**
 * Checks a scenario and fills in defaults.
 *
 * @throws Error with one line per fault: the path in the file and the rule that it breaks.
 */
export function parseScenario(document: unknown): Scenario {
  const faults = [...validator.Errors(document)]
    .filter(({ message }) => message !== 'schema is false')
    .map(({ instancePath, message, params }) => `${instancePath === '' ? '/' : instancePath}: ${message}${detail(params)}`)
  if (faults.length > 0) throw new Error(`the scenario is not valid:\n${faults.join('\n')}`)
  const file = document as ScenarioFile
  const loose = looseEnds(file)
  if (loose.length > 0) throw new Error(`the scenario is not valid:\n${loose.join('\n')}`)
  return { ...file, delays: { ...defaultDelays, ...file.delays }, quotas: { ...defaultQuotas, ...file.quotas } }
}

/** Reads a scenario from a YAML file; errors name the file. */
export async function readScenario(path: string): Promise<Scenario> {
  try {
    return parseScenario(load(await readFile(path, 'utf8'), { filename: path }))
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

export function summarize(scenario: Scenario): ScenarioSummary {
  const { name, account, region, clusters, subnets, roles = [] } = scenario
  return {
    name,
    account,
    region,
    clusters: clusters.map((cluster) => cluster.name),
    subnets: subnets.map(({ id, zone }) => ({ id, zone })),
    roleArns: roles.map((role) => `arn:aws:iam::${account}:role${role.path ?? '/'}${role.name}`),
  }
}

/** The rule's own numbers and names, where it has some. */
function detail(params: unknown): string {
  const shown = Object.entries(params ?? {}).filter(([key]) => key === 'additionalProperties' || key === 'allowedValues')
  return shown.map(([, value]) => ` (${String(value)})`).join('')
}

/** What the schema cannot see: references and zones of another region. */
function looseEnds(file: ScenarioFile): readonly string[] {
  const known = new Set(file.subnets.map(({ id }) => id))
  return [
    ...file.clusters.flatMap(({ subnets }, index) =>
      subnets.filter((id) => !known.has(id)).map((id) => `/clusters/${index}/subnets: ${id} is not among /subnets`),
    ),
    ...file.subnets.filter(({ zone }) => !zone.startsWith(file.region)).map(({ zone }, index) => `/subnets/${index}/zone: ${zone} is not in ${file.region}`),
  ]
}
