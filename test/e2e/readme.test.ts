import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { parseScenario } from '../../src/simulator/scenario/scenario.ts'
import { startSimulator } from '../../src/simulator/start.ts'
import { eventually } from '../support/eventually.ts'
import { testFolder } from './support/folder.ts'
import { blocksOf, linksOf } from './support/markdown.ts'
import { startPlane } from './support/plane.ts'
import { Program, root } from './support/program.ts'
import { terminal } from './support/terminal.ts'
import { inherited } from './support/trap.ts'

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...markdownBelow('docs')]

function markdownBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
}

test.each(pages)('every link of %s leads somewhere', (page) => {
  const broken = linksOf(readFileSync(join(root, page), 'utf8'))
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
    .filter((target) => !existsSync(join(root, dirname(page), target.replace(/#.*/, ''))))
  expect(broken).toEqual([])
})

test("the README's two commands are scripts of this project", () => {
  const twoCommands = blocksOf(readFileSync(join(root, 'README.md'), 'utf8')).find(({ language }) => language === 'sh')
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> }
  expect(twoCommands?.lines.map((line) => line.replace(/ *#.*/, ''))).toEqual(['npm ci && npm start', 'npm ci && npm test'])
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test']))
})

test('the lines to run it for real install and start an operator that leads', async () => {
  const plane = await startPlane({ parts: [] })
  const simulator = await startSimulator({ clock: systemClock, random: systemRandom, log: createLogger({ level: 'silent' }) })
  const home = testFolder()
  const env = {
    ...inherited(),
    HOME: home,
    PATH: `${plane.assets.folder}:${process.env['PATH'] ?? ''}`,
    TIDEGATE_HEALTH_PORT: '0',
    AWS_ENDPOINT_URL: simulator.url,
    AWS_ACCESS_KEY_ID: '111122223333',
    AWS_SECRET_ACCESS_KEY: 'simulated',
  }
  const setUp = [`mkdir -p ~/.kube`, `cp ${plane.kubeconfig} ~/.kube/config`]
  const block = blocksOf(readFileSync(join(root, 'README.md'), 'utf8')).find(({ lines }) => lines.some((line) => line.includes('crds |')))
  const [crds = '', roles = '', policies = '', operator = ''] = block?.lines ?? []
  const type = terminal(setUp, env)
  expect(await type(crds)).toMatchObject({ code: 0, text: expect.stringContaining('eksnodegroups.tidegate.io serverside-applied') })
  expect(await type(roles)).toMatchObject({ code: 0, text: expect.stringContaining('tidegate-operator serverside-applied') })
  expect(await type(policies)).toMatchObject({ code: 0, text: expect.stringContaining('tidegate-approval serverside-applied') })
  const started = new Program(['bash', '-c', operator], { env })
  await eventually(() => expect(started.stderr).toContain('"msg":"leading"'))
  started.signalGroup('SIGTERM')
  expect(await started.ended).toEqual({ code: 0, signal: null })
  await simulator.close()
})

test('the orders of the simulator page are taken, and its scenario is valid', async () => {
  const simulator = await startSimulator({ clock: systemClock, random: systemRandom, log: createLogger({ level: 'silent' }) })
  const blocks = blocksOf(readFileSync(join(root, 'docs/simulator.md'), 'utf8'))
  const orders = blocks.find(({ lines }) => lines.some((line) => line.startsWith('curl')))?.lines ?? []
  const [address = '', ...curls] = orders.filter((line) => line !== '')
  const type = terminal([address.replace(/http:\/\/[^/]+/, simulator.url)], inherited())
  expect(curls.length).toBeGreaterThan(15)
  const refused: string[] = []
  for (const curl of curls) {
    const { code, text } = await type(curl)
    if (code !== 0) refused.push(`${curl}: ${text}`)
  }
  expect(refused).toEqual([])
  await simulator.close()
  const scenario = blocks.find(({ language }) => language === 'yaml')
  expect(parseScenario(load(scenario?.lines.join('\n') ?? ''))).toMatchObject({ name: 'two-clusters' })
})
