import { loadKubeConfig } from '../../src/kube/cluster-access.ts'
import { aTargetCluster } from './builders.ts'
import { fastClock } from './fast-clock.ts'
import { FaultProxy } from './fault-proxy.ts'
import { runOperator } from './operator.ts'
import { type Stage, openStage, operatorSpeed } from './world.ts'

/** A stage of its own with target `demo` and one namespace, whose operator reaches the API server by way of a proxy. All of it ends with the test. */
export async function openProxiedStage(
  name: string,
  { namespace, onTestFinished }: { readonly namespace: string; readonly onTestFinished: (end: () => Promise<void>) => void },
): Promise<{ readonly stage: Stage; readonly proxy: FaultProxy }> {
  const stage = await openStage(name)
  onTestFinished(async () => await stage.close())
  const proxy = await FaultProxy.start(await loadKubeConfig({ path: stage.plane.identities.operator }))
  onTestFinished(async () => await proxy.close())
  await stage.target('demo').apply(aTargetCluster())
  await stage.openNamespace(namespace)
  const operator = await runOperator({ access: proxy.access, cloudUrl: stage.cloud.url, clock: fastClock(operatorSpeed) })
  onTestFinished(async () => await operator.stop())
  return { stage, proxy }
}
