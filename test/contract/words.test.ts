import { LifecycleState } from '@aws-sdk/client-auto-scaling'
import * as eks from '@aws-sdk/client-eks'
import { describe, expect, it } from 'vitest'
import { eksErrorRows } from '../../src/aws/eks/error-rows.ts'
import { capacityTypes, taintEffects, updateStrategies } from '../../src/aws/eks/translate.ts'
import { hasLeft, isCounted, isDetaching, isLeaving, isWarm, takesTermination } from '../../src/controllers/eks-node-group/removals/member.ts'
import { eksNodeGroupSpec } from '../../src/crds/eks-node-group-spec.ts'
import { createNodegroupInput } from '../../src/simulator/eks/schemas.ts'
import type { Instance } from '../../src/simulator/state.ts'

/** The words of the enum at `path` of a schema, also where lists lie on the way. */
function wordsAt(schema: unknown, path: string): readonly string[] {
  const found = path.split('.').reduce<unknown>((inner, name) => {
    const { properties, items } = inner as { readonly properties?: Readonly<Record<string, unknown>>; readonly items?: { readonly properties?: object } }
    return (properties ?? items?.properties ?? {})[name as never]
  }, schema)
  const { enum: words } = (found ?? {}) as { readonly enum?: readonly string[] }
  if (words === undefined) throw new Error(`${path} is no enum`)
  return words
}

/** The simulator has EKS' own words, the CRD ours: the port's table translates them. */
const copied: readonly (readonly [what: string, ours: readonly string[], model: Readonly<Record<string, string>>])[] = [
  ['AMI types of the simulator', wordsAt(createNodegroupInput, 'amiType'), eks.AMITypes],
  ['capacity types of the simulator', wordsAt(createNodegroupInput, 'capacityType'), eks.CapacityTypes],
  ['taint effects of the simulator', wordsAt(createNodegroupInput, 'taints.effect'), eks.TaintEffect],
  ['update strategies of the simulator', wordsAt(createNodegroupInput, 'updateConfig.updateStrategy'), eks.NodegroupUpdateStrategies],
  ['repair actions of the simulator', wordsAt(createNodegroupInput, 'nodeRepairConfig.nodeRepairConfigOverrides.repairAction'), eks.RepairAction],
  ['capacity types of the CRD', inEks(wordsAt(eksNodeGroupSpec, 'capacityType'), capacityTypes), eks.CapacityTypes],
  ['taint effects of the CRD', inEks(wordsAt(eksNodeGroupSpec, 'taints.effect'), taintEffects), eks.TaintEffect],
  ['update strategies of the CRD', inEks(wordsAt(eksNodeGroupSpec, 'update.strategy'), updateStrategies), eks.NodegroupUpdateStrategies],
]

/** One that the table does not have stays as it is, and is then a stranger to the model. */
function inEks(words: readonly string[], table: Readonly<Record<string, string>>): readonly string[] {
  return words.map((word) => Object.entries(table).find(([, ours]) => ours === word)?.[0] ?? word)
}

describe("words that are copied from EKS' model", () => {
  it.each(copied)('%s: no more and no fewer than the SDK has', (_, ours, model) => {
    expect(ours.toSorted()).toEqual(Object.values(model).toSorted())
  })

  /** The field is no enum, so that a new AMI type needs no new CRD: what its rules take is decided here for each that the SDK has. */
  it('amiType of the CRD takes the AMI types of EKS, but for those that it must not', () => {
    const { properties } = eksNodeGroupSpec
    const rules = (properties.amiType as { readonly 'x-kubernetes-validations'?: readonly { readonly rule: string }[] })['x-kubernetes-validations'] ?? []
    const [shape, ...others] = rules.map(({ rule }) => rule)
    expect(others).toEqual(["!self.startsWith('AL2_')", "self != 'CUSTOM'"])
    const pattern = new RegExp(/matches\('(.*)'\)/.exec(shape ?? '')?.[1] ?? '$^')
    const refused = Object.values(eks.AMITypes).filter((word) => !pattern.test(word) || word.length > 64 || word.startsWith('AL2_') || word === 'CUSTOM')
    // at their end of support, and what EKS reports of an image in a template
    expect(refused.toSorted()).toEqual(['AL2_ARM_64', 'AL2_x86_64', 'AL2_x86_64_GPU', 'CUSTOM'])
  })

  it('codes of EKS that the table of errors names are exceptions of the SDK', () => {
    const known = Object.keys(eks)
    const codes = eksErrorRows.flatMap(({ code }) => code)
    expect(codes.filter((code) => !known.includes(code))).toEqual([])
  })
})

type Judgement = 'pending or in service' | 'set aside' | 'warm' | 'leaving' | 'detaching' | 'gone'

/** What each word of EC2 Auto Scaling is to us. A new one fails here, until somebody has decided. */
const lifecycle: Readonly<Record<LifecycleState, Judgement>> = {
  Detached: 'detaching',
  Detaching: 'detaching',
  EnteringStandby: 'set aside',
  InService: 'pending or in service',
  Pending: 'pending or in service',
  'Pending:Proceed': 'pending or in service',
  'Pending:Wait': 'pending or in service',
  Quarantined: 'pending or in service',
  ReplacingRootVolume: 'pending or in service',
  'ReplacingRootVolume:Proceed': 'pending or in service',
  'ReplacingRootVolume:Wait': 'pending or in service',
  RootVolumeReplaced: 'pending or in service',
  Standby: 'set aside',
  Terminated: 'gone',
  Terminating: 'leaving',
  'Terminating:Proceed': 'leaving',
  'Terminating:Retained': 'leaving',
  'Terminating:Wait': 'leaving',
  'Warmed:Hibernated': 'warm',
  'Warmed:Pending': 'warm',
  'Warmed:Pending:Proceed': 'warm',
  'Warmed:Pending:Retained': 'warm',
  'Warmed:Pending:Wait': 'warm',
  'Warmed:Running': 'warm',
  'Warmed:Stopped': 'warm',
  'Warmed:Terminated': 'warm',
  'Warmed:Terminating': 'warm',
  'Warmed:Terminating:Proceed': 'warm',
  'Warmed:Terminating:Retained': 'warm',
  'Warmed:Terminating:Wait': 'warm',
}

function judge(lifecycleState: string): Judgement {
  const one = { lifecycleState }
  if (hasLeft(one)) return 'gone'
  if (isDetaching(one)) return 'detaching'
  if (isLeaving(one)) return 'leaving'
  if (isWarm(one)) return 'warm'
  return isCounted(one) ? 'pending or in service' : 'set aside'
}

/** A word that the simulator gains or loses is one too few or too many for the compiler. */
const simulated: Readonly<Record<Instance['lifecycle'], true>> = {
  Pending: true,
  InService: true,
  Standby: true,
  'Terminating:Wait': true,
  'Terminating:Proceed': true,
  Terminated: true,
}

describe("EC2 Auto Scaling's words", () => {
  it('each lifecycle state of the SDK is judged', () => {
    expect(Object.fromEntries(Object.values(LifecycleState).map((word) => [word, judge(word)]))).toEqual(lifecycle)
  })

  it('a termination is asked for in no other than the two states in which it is safe', () => {
    const asked = Object.values(LifecycleState).filter((lifecycleState) => takesTermination({ lifecycleState }))
    expect(asked.toSorted()).toEqual(['InService', 'Standby'])
  })

  it('the lifecycle states of the simulator are words of the SDK', () => {
    const known: readonly string[] = Object.values(LifecycleState)
    expect(Object.keys(simulated).filter((word) => !known.includes(word))).toEqual([])
  })
})
