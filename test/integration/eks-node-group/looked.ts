import { expect } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import { eventually } from '../../support/eventually.ts'
import type { Subject } from '../../support/subject.ts'
import type { Place } from '../../support/world.ts'

/**
 * Puts these annotations on the group of a place, and waits until a pass that saw them has ended: each of two wishes for a look makes a pass read at
 * once, and the second reads when the first is over. For what must not happen, where no condition changes.
 */
export async function looked(place: Place, group: Subject<EksNodeGroup>, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
  const reads = async (): Promise<number> => (await place.cloud.calls(place.inEks(), { action: 'DescribeNodegroup' })).length
  for (const refresh of ['look', 'look again']) {
    const before = await reads()
    await group.annotate({ ...annotations, refresh })
    await eventually(async () => expect(await reads()).toBeGreaterThan(before))
  }
}
