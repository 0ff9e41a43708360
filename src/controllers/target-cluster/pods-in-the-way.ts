import { reachOfNode } from '../../drain/last-look.ts'
import { rawToDrainPod } from '../../drain/pods.ts'
import type { KubeClient } from '../../kube/client.ts'
import { isKubeError } from '../../kube/kube-error.ts'
import type { Node } from '../../kube/objects.ts'
import type { RawPod } from '../../kube/pod-summary.ts'
import { resources } from '../../kube/resource.ts'
import { type DrainPod, hasToGo, podKey } from '../../scaling/drain/pod.ts'
import { isAsGoodAsGone } from '../../scaling/drain/reach.ts'

type Client = Pick<KubeClient, 'get' | 'list'>

interface Options {
  readonly signal: AbortSignal
  readonly now: Date
}

/**
 * Names (`namespace/name`) of the pods on a node that would be lost with it, as a drain counts them: all but those of DaemonSets, mirror pods, finished ones,
 * and those that are leaving and whose end nobody will report. From the API server, page by page. Errors: `KubeError`.
 */
export async function podsInTheWay(client: Client, nodeName: string, { signal, now }: Options): Promise<readonly string[]> {
  const found = await podsThatGo(client, nodeName, { signal })
  // A node whose pods stay need not be asked about.
  const node = found.some(({ graceEndsAt }) => graceEndsAt !== undefined) ? await nodeNow(client, nodeName, { signal }) : undefined
  const reach = reachOfNode(node, now)
  return found.filter((pod) => !isAsGoodAsGone(pod, reach, now)).map((pod) => podKey(pod))
}

async function podsThatGo(client: Client, nodeName: string, { signal }: Pick<Options, 'signal'>): Promise<readonly DrainPod[]> {
  const found: DrainPod[] = []
  let next: string | undefined
  do {
    const page = await client.list<RawPod>(resources.pods, {
      fieldSelector: `spec.nodeName=${nodeName}`,
      limit: 100,
      signal,
      ...(next === undefined ? {} : { continue: next }),
    })
    for (const raw of page.items) {
      const pod = rawToDrainPod(raw, undefined)
      if (hasToGo(pod)) found.push(pod)
    }
    next = page.metadata.continue === '' ? undefined : page.metadata.continue
  } while (next !== undefined)
  return found
}

async function nodeNow(client: Client, name: string, { signal }: Pick<Options, 'signal'>): Promise<Node | undefined> {
  try {
    return await client.get<Node>(resources.nodes, { name }, { signal })
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined
    throw error
  }
}
