import type { CustomObject } from '../../../src/kube/objects.ts'
import type { Subject } from '../../support/subject.ts'
import type { Stage } from '../../support/world.ts'

/** Lets happen what an example needs, and gives what undoes it. */
export type Given = (stage: Stage, subject: Subject<CustomObject>) => Promise<() => Promise<void>>

/** By an example's `# given:`: before its object is applied, or, with `after`, once it is there. */
export type Givens = Readonly<Record<string, { readonly before?: Given; readonly after?: Given }>>

/** What goes with the object itself. */
export const nothing = async (): Promise<void> => await Promise.resolve()

export async function wantNodes(subject: Subject<CustomObject>, desiredSize: number): Promise<void> {
  await subject.patch({ op: 'replace', path: '/spec/scaling/desiredSize', value: desiredSize })
}

export async function wantNextRelease(subject: Subject<CustomObject>): Promise<void> {
  await subject.patch({ op: 'replace', path: '/spec/releaseVersion', value: '1.36.2-20260714' })
}
