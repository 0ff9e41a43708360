import { unprotectLine } from '../aws-lines.ts'
import { type Member, keepAnnotation } from './member.ts'

/** More are not named: AWS takes 50 in one call, and somebody has to read it. */
const most = 20

/** AWS names instances in any order, and the same ones are the same text. */
function first(names: readonly string[]): readonly string[] {
  return names.toSorted().slice(0, most)
}

/** Why fewer leave than are too many, and what a person does about it. `scalingGroup`: its name. */
export function sparedInWords(spared: readonly Member[], scalingGroup: string): string {
  const keptBy = (by: Member['keptBy']): readonly Member[] => spared.filter((one) => one.keptBy === by)
  const instances = first(keptBy('Protection').map(({ instanceId }) => instanceId))
  const nodes = first(keptBy('Annotation').flatMap(({ node }) => node?.name ?? []))
  const remedies = [
    ...(instances.length === 0 ? [] : [`end the protection from scale-in (${unprotectLine(scalingGroup, instances)})`]),
    ...(nodes.length === 0 ? [] : [`take the annotation off (kubectl annotate node ${nodes.join(' ')} ${keepAnnotation}-)`]),
    'raise the number',
  ]
  const text = `fewer nodes are wanted than are there, and somebody keeps all others (${spared.length}): `
  return `${text}${remedies.join(', or ')}`
}
