import type { TestModule, TestProject } from 'vitest/node'
import { readFile } from 'node:fs/promises'
import type { Kind } from '../../src/crds/crd.ts'
import { type ReasonException, type ReasonPair, reasonExceptions } from './reason-exceptions.ts'
import type { SeenReasons } from './seen-reasons.ts'

/**
 * Whether every test file of a project ran, with every test in it, and passed: only then it can be said what was never seen. A file, a name or a line that
 * was asked for, a shard, a test that is skipped or red: nothing can be said.
 */
export async function allPassed(project: TestProject): Promise<boolean> {
  const modules = project.vitest.state.getTestModules().filter((module) => module.project.name === project.name)
  const ran = new Map(modules.map((module) => [module.moduleId, module]))
  const { testFiles } = await project.globTestFiles()
  return testFiles.every((file) => isGreen(ran.get(file)))
}

function isGreen(module: TestModule | undefined): boolean {
  return module !== undefined && module.state() === 'passed' && [...module.children.allTests()].every((one) => one.result().state === 'passed')
}

/** Every `Kind Condition Reason` that the stages of a run saw. */
export async function seenBy(seenReasons: string): Promise<ReadonlySet<string>> {
  const lines = (await readFile(seenReasons, 'utf8')).split('\n').filter((line) => line !== '')
  return new Set(lines.flatMap((line) => (JSON.parse(line) as SeenReasons).seen))
}

/**
 * What stands in the registry and no operator of the run wrote, and which exceptions are none: one line each, fit for people. Empty when all is well.
 * `nobody`: who should have shown it.
 */
export function unseenReasons(
  kinds: readonly Pick<Kind, 'kind' | 'reasons'>[],
  seen: ReadonlySet<string>,
  exceptions: readonly ReasonException[] = reasonExceptions,
  nobody = 'no integration test',
): readonly string[] {
  const registered = kinds.flatMap(({ kind, reasons }) =>
    Object.entries(reasons).flatMap(([reason, { conditions }]) => conditions.map((condition): ReasonPair => `${kind} ${condition} ${reason}`)),
  )
  const excepted = new Set(exceptions.flatMap(({ pairs }) => pairs))
  const never = exceptions.filter(({ fleeting }) => fleeting !== true).flatMap(({ pairs }) => pairs)
  return [
    ...registered.filter((pair) => !seen.has(pair) && !excepted.has(pair)).map((pair) => `${pair}: registered, and seen by ${nobody}`),
    ...[...excepted].filter((pair) => !registered.includes(pair)).map((pair) => `${pair}: an exception of what is not registered`),
    ...never.filter((pair) => seen.has(pair)).map((pair) => `${pair}: an exception, and seen`),
  ]
}
