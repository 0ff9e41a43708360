import type { BenchCase } from '../bench.ts'
import { startPlane } from '../cluster.ts'
import { createOperatorWorld } from '../operator-world.ts'
import { bundlePrograms } from '../programs.ts'

export const startCase: BenchCase = {
  name: 'start',
  description: 'operator started until its first pass has written a status, on an empty cluster',
  run: async (context) => {
    const { settings, figure, progress } = context
    const programs = await bundlePrograms(context)
    const world = await createOperatorWorld(await startPlane(context), programs, context)
    const [leading, written]: [number[], number[]] = [[], []]
    for (let run = 0; run < (settings.runs ?? 10); run += 1) {
      await world.applyObjects({ groups: false })
      const operator = await world.startOperator()
      const timeOf = (line: RegExpExecArray): number => Date.parse(line[1] ?? '') - operator.startedAtMs
      leading.push(timeOf(await operator.line(/"time":"([^"]+)".*"msg":"leading"/)))
      written.push(timeOf(await operator.line(/"time":"([^"]+)".*"target":"targetclusters[^"]*status.*"msg":"outside write"/)))
      progress(`run ${run + 1}: leading after ${leading.at(-1)} ms, first status after ${written.at(-1)} ms`)
      // the Lease is let go, and the object goes, so that the next run finds what this one found
      await world.kubectl('delete', 'targetcluster', '--all', '--timeout=30s')
      await operator.end()
    }
    const conditions = { simulator: 'same machine' }
    figure({ figure: 'process start to leading', unit: 'ms', values: leading, conditions })
    figure({ figure: 'process start to the end of the first reconcile', unit: 'ms', values: written, target: '< 2000', conditions })
  },
}
