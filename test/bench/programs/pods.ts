import type { PodSummary } from '../../../src/kube/pod-summary.ts'
import { projectPod } from '../../../src/kube/projections.ts'
import { resources } from '../../../src/kube/resource.ts'
import { openCluster, print, stallProbe, unixNs } from './watched-cluster.ts'

/**
 * Runs beside the operator, in its process: the informer of pods that orders need, and a probe of the event loop. Loaded before the operator, with
 * the operator's command line. Says `PODS <unix_ns> pods=<n>` when synced and, at SIGUSR2, `PROBE {…}` about the time since the last one.
 */
const kubeconfig = process.argv[process.argv.indexOf('--kubeconfig') + 1] ?? ''
const probe = stallProbe()
const { informer } = await openCluster(kubeconfig)
const pods = informer<PodSummary>(resources.pods, { projection: projectPod, indexers: { byNode: ({ nodeName }) => [nodeName ?? ''] } })
pods.addHandler({})
const { signal } = new AbortController()
void pods.run(signal)
void pods.synced({ signal }).then(() => print(`PODS ${unixNs()} pods=${pods.cache.size}`))
process.on('SIGUSR2', () => {
  const { heapUsed, heapTotal, external } = process.memoryUsage()
  print(`PROBE ${JSON.stringify({ stall: probe.longest(), heapUsed, heapTotal, external, pods: pods.cache.size })}`)
  probe.reset()
})
