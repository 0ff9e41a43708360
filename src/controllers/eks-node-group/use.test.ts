import { expect, test } from 'vitest'
import { aPass } from './test-pass.ts'
import type { TargetsPort } from './ports.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

const managed = { management: 'Manage', adoption: 'CreateOnly' } as const
const roleArn = 'arn:aws:iam::111122223333:role/demo-node'

/** What a pass asks its target for. */
async function useOf(kind: 'reconcile' | 'finalize', policy: { readonly management: 'Manage' | 'Observe' }): Promise<unknown> {
  const { draft, context, sizes, surroundings } = aPass({ spec: { policy: { ...managed, ...policy } }, status: { arn: 'arn:workers' } })
  const uses: unknown[] = []
  const find: TargetsPort['find'] = (_, use) => {
    uses.push(use)
    return { state: 'missing', reason: 'ReferenceNotFound', message: '' }
  }
  await new EksNodeGroupReconciler({ targets: { find }, sizes, surroundings })[kind](draft, context)
  return uses
}

test('a group that is managed asks whether its role may be passed', async () => {
  expect(await useOf('reconcile', managed)).toEqual([{ namespace: 'training', roleArn }])
})

test('a group that is only observed passes no role, also when its spec names one', async () => {
  expect(await useOf('reconcile', { management: 'Observe' })).toEqual([{ namespace: 'training', roleArn: undefined }])
})

test('a deletion asks for nothing that could be refused', async () => {
  expect(await useOf('finalize', managed)).toEqual(['CleanUp'])
})
