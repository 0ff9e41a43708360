import type { Fault } from './test-calls.ts'
import type { TestOperator } from './test-operator.ts'
import { type Happening, answerOf, happen } from './test-person.ts'

/** Something happens, passes follow at any time with a fault or none, and then as many as it takes to come to rest, or none. */
export interface Chapter {
  readonly happens: Happening
  readonly passes: readonly { readonly afterS: number; readonly fault: Fault | undefined }[]
  readonly rests: boolean
}

/** More than any of these objects takes to come to rest, and more than anybody is asked. */
const [manyPasses, manyAnswers] = [80, 12]
/** Who looks more often than this waits for AWS, whatever else it waits for. */
const slowMs = 8_000

/** Passes without a fault, when the runtime makes them, until the object is Ready, gone, or waits for a person; answers whether that came. */
async function rest(world: TestOperator): Promise<boolean> {
  for (let passes = 0; passes < manyPasses; passes += 1) {
    const ms = await world.pass()
    if (world.object === undefined || isReady(world)) return true
    if (ms >= slowMs && answerOf(world) !== undefined) return true
    world.cloud.advance(ms)
  }
  return false
}

function isReady(world: TestOperator): boolean {
  const { object } = world
  const { observedGeneration, operation } = object?.status ?? {}
  return world.condition('Ready')?.status === 'True' && observedGeneration === object?.metadata.generation && operation === undefined
}

/** As it is written, in this order. */
export async function play(chapters: readonly Chapter[], world: TestOperator): Promise<void> {
  for (const { happens, passes, rests } of chapters) {
    happen(world, happens)
    for (const { afterS, fault } of passes) {
      world.cloud.advance(afterS * 1_000)
      await world.pass(fault)
    }
    if (rests) await rest(world)
  }
}

/** The operator dies no more, EKS fails what it was told to and then nothing, and a person does what the object asks for; answers what it is at in the end. */
export async function end(world: TestOperator): Promise<'at rest' | object> {
  const { cloud } = world
  // Longer than an answer is remembered, and a call may be late.
  cloud.advance(700_000)
  for (let answers = 0; answers < manyAnswers && (await rest(world)); answers += 1) {
    if (world.object === undefined || isReady(world)) {
      cloud.advance(60_000)
      return 'at rest'
    }
    answerOf(world)?.()
  }
  return { status: world.object?.status, group: cloud.group }
}
