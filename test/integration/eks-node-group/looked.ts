import { expect } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import { eventually } from '../../support/eventually.ts'
import type { Subject } from '../../support/subject.ts'
import type { Place } from '../../support/world.ts'

/**
 * Puts these annotations on the group of a place, and waits until a pass that saw them has ended: each of three wishes for a look makes a pass read at
 * once. The first read may be a pass's that was under way, the second is one's that saw the annotations, and with the third that one is over, with
 * `status.operation` stored where it began something. For what must not happen, where no condition changes.
 */
export async function looked(place: Place, group: Subject<EksNodeGroup>, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
  const reads = async (): Promise<number> => (await place.cloud.calls(place.inEks(), { action: 'DescribeNodegroup' })).length
  for (const refresh of ['look', 'look again', 'look once more']) {
    const before = await reads()
    await group.annotate({ ...annotations, refresh })
    await eventually(async () => expect(await reads()).toBeGreaterThan(before))
  }
}
