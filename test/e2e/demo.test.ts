import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Demo, interrupt, startDemo } from './support/demo.ts'
import { testFolder } from './support/folder.ts'
import { account, callsOf, nodeRole, refusedIn } from './support/iam.ts'
import { blocksOf, comparable, type Typed, typedIn } from './support/markdown.ts'
import { alive, nodeArgs, root, run } from './support/program.ts'
import { hostileEnvironment, inherited, startTrap } from './support/trap.ts'

test('npm start sees no cluster and no account of the person, and its six things work as printed, with no right but ours', async () => {
  const trap = await startTrap()
  const { stdout: policy } = await run([...nodeArgs, 'src/cmd/main.ts', 'iam-policy', '--pass-role', nodeRole], { env: inherited() })
  const { program, simulator, tries, type } = await startDemo(await hostileEnvironment(testFolder(), trap), { policy })
  await program.says(/EksNodeGroup training\/workers: Ready/)

  const [look = '', grow = '', ask = '', shrink = '', tooMuch = '', letGo = ''] = tries
  expect(tries).toHaveLength(6)
  const shown = /targetcluster\.tidegate\.io\/demo +True[\s\S]*eksnodegroup\.tidegate\.io\/workers +True +1\/1[\s\S]*node\/ip-/
  await eventually(async () => expect((await type(look)).text).toMatch(shown))
  expect(await type(grow)).toEqual({ code: 0, text: 'eksnodegroup.tidegate.io/workers scaled' })
  await eventually(async () => expect((await type(look)).text).toMatch(/workers +True +4\/4/))
  expect((await type(ask)).text).toMatch(/Reason: +AllReady/)
  expect(await type(shrink)).toEqual({ code: 0, text: 'eksnodegroup.tidegate.io/workers scaled' })
  await eventually(async () => expect((await type(look)).text).toMatch(/workers +True +2\/2/))
  expect(await type(tooMuch)).toEqual({ code: 1, text: expect.stringContaining('desiredSize must lie between minSize and maxSize') })
  const refused = await type(letGo)
  expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('2 nodes of workers would go') })
  const [confirm = ''] = /kubectl annotate [^;]+/.exec(refused.text) ?? []
  expect(await type(confirm)).toMatchObject({ code: 0 })
  expect(await type(letGo)).toMatchObject({ code: 0 })
  await program.says(/EksNodeGroup training\/workers: gone/)
  expect((await type(look)).text).not.toContain('workers')

  const calls = await callsOf(simulator)
  const actions = ['CreateNodegroup', 'UpdateNodegroupConfig', 'TerminateInstanceInAutoScalingGroup', 'DeleteNodegroup']
  expect(calls.map(({ action }) => action)).toEqual(expect.arrayContaining(actions))
  expect(refusedIn(calls)).toEqual([])
  expect(new Set(calls.map((call) => call.account))).toEqual(new Set([account]))
  expect(await interrupt(program)).toBeLessThan(10_000)
  expect(program.stdout).toContain('everything has ended, nothing is left')
  expect(
    program.stdout.split('\n').filter((line) => line.length > 80 && /^ {2}/.test(line) && !/export|alias|annotate/.test(line)),
    'too wide',
  ).toEqual([])
  expect(trap.contacts()).toBe(0)
})

test("the README's first five minutes are true, beside a second demo that is killed", async () => {
  const [first, second] = await Promise.all([startDemo(inherited()), startDemo(inherited())])
  const family = second.program.family()
  second.program.signalGroup('SIGKILL')
  await eventually(() => expect(alive(family)).toEqual([]))

  const page = readFileSync(join(root, 'README.md'), 'utf8')
  const typed = blocksOf(page)
    .filter(({ language }) => language === 'console')
    .flatMap(typedIn)
  expect(typed.length).toBeGreaterThan(8)
  expect(await follow(first, typed)).toEqual(typed.map(({ command, output }) => ({ command, output: comparable(output) })))
  expect(await interrupt(first.program)).toBeLessThan(10_000)
})

/** Types what the page says, one command after the other, and what the product prints to be typed; gives what was printed where the page shows it. */
async function follow({ type }: Demo, typed: readonly Typed[]): Promise<readonly Typed[]> {
  const followed: Typed[] = []
  for (const { command, output } of typed) {
    const wanted = comparable(output)
    const look = async (): Promise<string> => {
      const { text } = await type(command)
      // Looking again is free, and what is shown may be on its way.
      if (/^kubectl (get|describe)/.test(command) && comparable(text) !== wanted) throw new Error(`${command} printed\n${text}\ninstead of\n${output}`)
      return text
    }
    const printed = await eventually(look)
    followed.push({ command, output: output === '' ? '' : comparable(printed) })
    const [confirm] = /kubectl annotate [^;]+/.exec(printed) ?? []
    if (confirm !== undefined && (await type(confirm)).code !== 0) throw new Error(`${confirm} failed`)
  }
  return followed
}
