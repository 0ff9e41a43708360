import { expect, test } from 'vitest'
import { demandKubeconfig } from './named-cluster.ts'
import { UsageError } from './process.ts'

test('a context without a kubeconfig is refused, not passed over', () => {
  expect(() => demandKubeconfig({ context: 'prod' })).toThrow(
    new UsageError('--context prod is of no use alone: give --kubeconfig too, the file that has the context'),
  )
  for (const flags of [{}, { kubeconfig: 'a' }, { kubeconfig: 'a', context: 'prod' }]) expect(() => demandKubeconfig(flags)).not.toThrow()
})
