import { expect, test as base } from 'vitest'
import type { OutsideWrite } from '../../../src/lib/outside-write.ts'
import { seededRandom, systemRandom } from '../../../src/lib/random.ts'
import type { Scenario } from '../../../src/simulator/scenario/scenario.ts'
import { aTargetCluster, anEksNodeGroup, type GroupSpec } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { type About, KillableOperator, type KillPoint, type Mortal } from '../../support/killable-operator.ts'
import { type Stage, openStage } from '../../support/world.ts'
import { othersAtWork } from './others.ts'
import type { Actor, Story } from './story.ts'

const speed = 10
const namespace = 'chaos'

interface TheatreOptions {
  /** False: the test has operators of its own. */
  readonly start?: boolean
  /** Another one than that in this process. */
  readonly operator?: (stage: Stage) => Promise<Mortal>
  readonly cloudSpeed?: number
  /** Another cloud than that of most tests. */
  readonly scenario?: Scenario
  /** How long the end of a story, and of its group, may take; default 90 s. */
  readonly patienceMs?: number
}

let actors = 0

/** Nodes, pods and instances do not bear the group's name: while a story plays nobody else is on the stage, and only what is about nobody is left out. */
function isOfGroup({ target }: OutsideWrite): boolean {
  return !/^(leases|targetclusters|selfsubjectaccessreviews)\b/.test(target)
}

/** A stage with an operator that dies and comes back. */
export class Theatre {
  readonly stage: Stage
  readonly operator: Mortal
  readonly #patience: { readonly timeoutMs: number; readonly everyMs: number }

  private constructor(stage: Stage, operator: Mortal, timeoutMs: number) {
    this.stage = stage
    this.operator = operator
    this.#patience = { timeoutMs, everyMs: 50 }
  }

  static async open(name: string, options: TheatreOptions = {}): Promise<Theatre> {
    const { cloudSpeed = speed * 60, scenario } = options
    const stage = await openStage(name, { cloudSpeed, ...(scenario === undefined ? {} : { scenario }) })
    await stage.target('demo').apply(aTargetCluster())
    await stage.openNamespace(namespace)
    await stage.cloud.enforcePolicy()
    const inProcess = { access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: fastClock(speed) }
    const operator = (await options.operator?.(stage)) ?? new KillableOperator(inProcess)
    if (options.start !== false) {
      await operator.start()
      await stage.target('demo').ready()
    }
    return new Theatre(stage, operator, options.patienceMs ?? 90_000)
  }

  async close(): Promise<void> {
    await this.operator.stop()
    const [leftovers, refusals] = [await this.stage.cloud.leftovers(), await this.stage.cloud.refusals()]
    await this.stage.close()
    expect({ leftovers, refusals }).toEqual({ leftovers: { groups: [], scalingGroups: [], instances: [] }, refusals: [] })
  }

  /** Plays a story once. Gives its own writes or those `about` something; with a point, `reached` says whether the operator died there. */
  async play(
    story: Story,
    point?: KillPoint,
    about: About = story.about ?? isOfGroup,
  ): Promise<{ readonly writes: readonly OutsideWrite[]; readonly reached: boolean }> {
    this.operator.disarm() // What a play that failed has left.
    const actor = this.actor()
    await story.before?.(actor)
    const expectOthersKept = await othersAtWork(actor)
    const { writes, struck } = this.operator.arm(about, point)
    await story.act(actor)
    const ending = eventually(async () => await story.ended(actor), this.#patience)
    const survived = async (): Promise<OutsideWrite | undefined> => {
      await ending
      // The end shows before the answer to the last write is read: who dies of that write has yet to die, and nobody else.
      if (point !== undefined && writes.length >= point.at) return await struck
      this.operator.disarm()
      return undefined
    }
    const first = await Promise.race([struck, survived()])
    if (first !== undefined) {
      await this.operator.kill()
      await this.operator.start()
    }
    await ending
    await story.check(actor)
    await expectOthersKept()
    await this.end(actor)
    return { writes, reached: first !== undefined }
  }

  actor(): Actor {
    actors += 1
    const name = `c${String(actors).padStart(3, '0')}`
    const group = this.stage.group(namespace, name)
    const apply = async (spec: GroupSpec): Promise<void> => void (await group.apply(anEksNodeGroup(spec)))
    return { stage: this.stage, name, group, apply }
  }

  /** Deletes what is left, and sees it gone on both sides. */
  async end({ group, name }: Actor): Promise<void> {
    await group.clear(this.#patience)
    expect(await this.stage.cloud.group(name)).toBeUndefined()
  }
}

/** A `test` whose file plays in one theatre. */
export const theatreTest = (open: () => Promise<Theatre>) =>
  base.extend<{ readonly theatre: Theatre }>({
    theatre: [
      async ({}, use) => {
        const theatre = await open()
        await use(theatre)
        await theatre.close()
      },
      { scope: 'file' },
    ],
  })

export const test = theatreTest(async () => await Theatre.open('chaos'))

/** AWS, or the API server, has done the first write that is asked about, and nobody heard of it. */
export const answerLost: KillPoint = { at: 1, when: 'after' }

/** What `npm run test:chaos` wants: every point of every story. */
export const wantsAll = process.env['TIDEGATE_CHAOS'] === 'all'

/** `playDeaths` with `share` of them, or with all where all are wanted. */
export async function playEveryDeath(theatre: Theatre, story: Story, share: number): Promise<void> {
  await playDeaths(theatre, story, wantsAll ? 1 : share)
}

/**
 * Plays a story to the end without a death, then once for each death: before and after each of its writes, or `share` of them, at least two. Where not all
 * are wanted, a death that no run comes to is made up for by another. `TIDEGATE_CHAOS_SEED` repeats a choice.
 */
export async function playDeaths(theatre: Theatre, story: Story, share: number): Promise<void> {
  const { writes } = await theatre.play(story)
  expect(writes).not.toEqual([])
  const all = writes.flatMap((_, index): KillPoint[] => (['before', 'after'] as const).map((when) => ({ at: index + 1, when })))
  const seed = Number(process.env['TIDEGATE_CHAOS_SEED'] ?? Math.floor(systemRandom.next() * 1_000_000))
  const wanted = Math.max(2, Math.ceil(all.length * share))
  const missed: string[] = []
  let struck = 0
  for (const point of share >= 1 ? all : shuffled(all, seed)) {
    if (struck === wanted) break
    const write = writes[point.at - 1]
    try {
      const at = await die(theatre, story, point)
      if (at < point.at) missed.push(`${point.when} ${point.at} (${write?.action ?? ''} ${write?.target ?? ''}): died at ${at}`)
      else struck += 1
    } catch (error) {
      if (error instanceof Error)
        error.message = `killed ${point.when} write ${point.at} (${write?.action ?? ''} ${write?.target ?? ''}, seed ${seed}): ${error.message}`
      throw error
    }
    if (missed.length > mostMissed(all.length)) break
  }
  tellMissed(story.title, all.length, struck, missed)
}

/** How many times a status is written depends on what a pass happens to see: where a run has no such write, it dies at the one before. Gives where. */
async function die(theatre: Theatre, story: Story, { at, when }: KillPoint): Promise<number> {
  for (let earlier = at; earlier > 0; earlier -= 1) {
    const { reached } = await theatre.play(story, { at: earlier, when })
    if (reached) return earlier
  }
  throw new Error('the operator wrote nothing to die at')
}

/** Measured: 0 to 5, of 10 to 50. Each write that the first run had more than others is two; of a short story two of them. More is not chance, nor is each. */
function mostMissed(points: number): number {
  return points < 18 ? Math.min(4, points - 1) : Math.floor(points / 3)
}

/** Says how many of a story's points were struck and how many no run came to; throws when those are more than chance explains. */
function tellMissed(title: string, points: number, struck: number, missed: readonly string[]): void {
  const told = [`chaos: ${title}: ${points} points, ${struck} struck, ${missed.length} never came`, ...missed].join('\n  ')
  process.stdout.write(`${told}\n`)
  if (missed.length > mostMissed(points)) throw new Error(`${told}\nat most ${mostMissed(points)} may be missed`)
}

function shuffled(all: readonly KillPoint[], seed: number): readonly KillPoint[] {
  const random = seededRandom(seed)
  const ordered = all.map((point) => ({ point, order: random.next() })).toSorted((a, b) => a.order - b.order)
  return ordered.map(({ point }) => point)
}

/** The tokens with which a call about a group succeeded: two of them would be two acts. */
export async function tokensOf({ stage, name }: Actor, action: string): Promise<readonly unknown[]> {
  const calls = await stage.cloud.calls(name, { action })
  return [...new Set(calls.filter(({ status }) => status === 200).map(({ input }) => input['clientRequestToken']))]
}
