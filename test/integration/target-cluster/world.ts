import { test as base } from 'vitest'
import { resources } from '../../../src/kube/resource.ts'
import { type OperatorSetup, runOperator } from '../../support/operator.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { type Stage, openStage, operatorSpeed } from '../../support/world.ts'

const { signal } = new AbortController()

export interface TargetStage extends Stage {
  /** Writes (or rewrites) a Secret in the operator's namespace. */
  writeSecret(name: string, data: Readonly<Record<string, string>>): Promise<void>
}

/** A stage without any TargetCluster, and an operator with the keys of the account that a test wants. */
export function stageWith(setup: Pick<OperatorSetup, 'accountId'> = {}) {
  return base.extend<{ readonly stage: TargetStage }>({
    stage: [
      async ({}, use) => {
        const stage = await openStage('target')
        const operator = await runOperator({
          access: stage.plane.identities.operator,
          cloudUrl: stage.cloud.url,
          clock: fastClock(operatorSpeed),
          ...setup,
        })
        await use({
          ...stage,
          writeSecret: async (name, data) => {
            const namespace = 'tidegate-system'
            const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: data }
            await stage.client.apply(resources.secrets, { namespace, name }, body, { fieldManager: 'test', force: true, signal })
          },
        })
        await operator.stop()
        await stage.close()
      },
      { scope: 'file' },
    ],
  })
}
