import { systemClock } from '../../../src/lib/clock.ts'
import type { BenchCase } from '../bench.ts'
import { startPlane } from '../cluster.ts'
import { createOperatorWorld } from '../operator-world.ts'
import { bundlePrograms } from '../programs.ts'

export const idleCase: BenchCase = {
  name: 'idle',
  description: 'memory of the operator with nothing to do, and with one TargetCluster and two groups on a cluster without nodes',
  run: async (context) => {
    const { settings, signal, figure, progress } = context
    const programs = await bundlePrograms(context)
    const world = await createOperatorWorld(await startPlane(context), programs, context)
    for (const objects of [false, true]) {
      if (objects) await world.applyObjects({ groups: true })
      const rss: number[] = []
      for (let run = 0; run < (settings.runs ?? 3); run += 1) {
        const operator = await world.startOperator()
        await operator.line(/"msg":"leading"/)
        await systemClock.sleep(settings.settleSeconds * 1000, { signal })
        const { rssMiB } = await operator.sample()
        rss.push(rssMiB)
        progress(`${objects ? 'with objects' : 'empty'}: ${rssMiB.toFixed(1)} MiB`)
        await operator.end()
      }
      const what = objects ? 'RSS with one TargetCluster and two groups' : 'RSS, no objects'
      figure({ figure: what, unit: 'MiB', values: rss, target: '< 130', conditions: { settleSeconds: settings.settleSeconds } })
    }
  },
}
