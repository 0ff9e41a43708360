import type { OutsideWrite } from '../../src/lib/outside-write.ts'
import type { ProxiedRequest } from './fault-proxy.ts'

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
const kubePath = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+)(?:\/(.+))?)?$/

/** A request to the API server as the write that it is, in the words of the seam; `undefined` for one that changes nothing. */
export function kubeWrite({ method, path }: ProxiedRequest): OutsideWrite | undefined {
  const verb = verbs[method]
  if (verb === undefined) return undefined
  const [, namespace, plural = path, name = '', subresource] = kubePath.exec(path) ?? []
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`
  const target = namespace === undefined ? name : `${namespace}/${name}`
  return { system: 'kubernetes', action: subresource === 'eviction' ? 'evict' : verb, target: `${resource} ${target}` }
}

/** As `kubeWrite`, for AWS: EKS speaks REST, and the others name the action in a form. */
export function awsWrite({ method, path, body }: ProxiedRequest): OutsideWrite | undefined {
  if (method === 'GET') return undefined
  const action = path === '/' ? new URLSearchParams(body).get('Action') : undefined
  if (action === undefined || action === null) return { system: 'aws', action: `eks:${method}`, target: path }
  return /^(?:Describe|Get|List|AssumeRole)/.test(action) ? undefined : { system: 'aws', action, target: body }
}
