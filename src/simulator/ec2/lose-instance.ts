import { replaceLost } from '../autoscaling/engine.ts'
import { endInstance } from '../autoscaling/termination.ts'
import { nodegroupEvents } from '../eks/nodegroup-life.ts'
import type { Region } from '../region.ts'
import type { Instance } from '../state.ts'

/** Somebody ends an instance at EC2, past its Auto Scaling group: no hook, no drain; the group notices and replaces it. */
export function loseInstance(region: Region, instance: Instance): void {
  if (instance.state === 'terminated' || instance.state === 'shutting-down') return
  instance.state = 'shutting-down'
  region.changed()
  region.after(region.scenario.delays.terminateSeconds, () => {
    if (instance.state !== 'terminated') endInstance(region, instance)
  })
  const group = region.scalingGroups.get(instance.scalingGroup)
  if (group !== undefined && !instance.lifecycle.startsWith('Terminat')) replaceLost(region, group, instance, nodegroupEvents)
}
