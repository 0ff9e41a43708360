import { join } from 'node:path'

/** The processes of a control plane, in the order in which they start. */
export const partNames = ['etcd', 'apiserver', 'controller-manager', 'scheduler', 'kwok'] as const
export type PartName = (typeof partNames)[number]

export interface Ports {
  readonly apiserver: number
  readonly etcd: number
  readonly etcdPeer: number
}

/** What the flags are made from. */
export interface PlaneSettings {
  readonly dir: string
  readonly sources: string
  readonly ports: Ports
  readonly etcdUrl: string
  /** Where in etcd this API server keeps its objects; for several on one etcd. */
  readonly etcdPrefix: string | undefined
  /** Whether the data outlives the plane. */
  readonly kept: boolean
  /** Flags of the caller's, last, so that they win. */
  readonly extra: Readonly<Partial<Record<PartName, readonly string[]>>>
}

/** The program that is a part, by its name among the assets. */
export const programs: Readonly<Record<PartName, string>> = {
  etcd: 'etcd',
  apiserver: 'kube-apiserver',
  'controller-manager': 'kube-controller-manager',
  scheduler: 'kube-scheduler',
  kwok: 'kwok',
}

/** The paths that parts share. */
export function planePaths(dir: string) {
  return {
    etcd: join(dir, 'etcd'),
    /** Stands there until the first start was ready. */
    firstStart: join(dir, 'first-start'),
    certificates: join(dir, 'certificates'),
    /** Self-signed by the API server at its first start: what clients trust. */
    ca: join(dir, 'certificates', 'apiserver.crt'),
    serviceAccountKey: join(dir, 'service-account.key'),
    serviceAccountPublicKey: join(dir, 'service-account.pub'),
    tokens: join(dir, 'tokens.csv'),
    auditPolicy: join(dir, 'audit-policy.yaml'),
    auditLog: join(dir, 'audit.log'),
    logs: join(dir, 'logs'),
    kubeconfig: join(dir, 'kubeconfig'),
  }
}

/** Writes only, one line each, when they are answered. */
export const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: None
  verbs: [get, list, watch]
- level: Metadata
`

/** What a part is started with. Everything listens on 127.0.0.1 alone; the controller manager, the scheduler and kwok do not listen at all. */
export function partFlags(part: PartName, settings: PlaneSettings): readonly string[] {
  return [...ownFlags[part](settings), ...(settings.extra[part] ?? [])]
}

/** The defaults (20 to 50 requests a second) would be what a test of a drain measures. */
const fastClient = ['--kube-api-qps=500', '--kube-api-burst=1000']

const ownFlags: Readonly<Record<PartName, (settings: PlaneSettings) => readonly string[]>> = {
  etcd: ({ dir, ports, etcdUrl, kept }) => {
    const peer = `http://127.0.0.1:${ports.etcdPeer}`
    return [
      `--data-dir=${planePaths(dir).etcd}`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--quota-backend-bytes=8589934592',
      '--log-level=warn',
      ...(kept ? [] : ['--unsafe-no-fsync=true']),
    ]
  },
  apiserver: ({ dir, ports, etcdUrl, etcdPrefix }) => {
    const paths = planePaths(dir)
    return [
      `--etcd-servers=${etcdUrl}`,
      ...(etcdPrefix === undefined ? [] : [`--etcd-prefix=${etcdPrefix}`]),
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.apiserver}`,
      `--cert-dir=${paths.certificates}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${paths.serviceAccountPublicKey}`,
      `--service-account-signing-key-file=${paths.serviceAccountKey}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--authorization-mode=RBAC',
      `--token-auth-file=${paths.tokens}`,
      '--allow-privileged=true',
      '--endpoint-reconciler-type=none',
      '--profiling=false',
      `--audit-policy-file=${paths.auditPolicy}`,
      `--audit-log-path=${paths.auditLog}`,
      '--audit-log-maxsize=1000',
    ]
  },
  'controller-manager': ({ dir }) => {
    const paths = planePaths(dir)
    return [
      ...asAdministrator(paths.kubeconfig),
      '--secure-port=0',
      '--leader-elect=false',
      `--service-account-private-key-file=${paths.serviceAccountKey}`,
      `--root-ca-file=${paths.ca}`,
      '--use-service-account-credentials=false',
      '--allocate-node-cidrs=false',
      '--controllers=*,-node-ipam-controller,-node-route-controller,-service-lb-controller,-cloud-node-lifecycle-controller,-persistentvolume-attach-detach-controller',
      ...fastClient,
    ]
  },
  scheduler: ({ dir }) => [...asAdministrator(planePaths(dir).kubeconfig), '--secure-port=0', '--leader-elect=false', ...fastClient],
  kwok: ({ dir, sources }) => [
    `--kubeconfig=${planePaths(dir).kubeconfig}`,
    // Never `--manage-all-nodes`: a Node that nobody declared fake is somebody's machine.
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    `--config=${join(sources, 'stages.yaml')}`,
  ],
}

function asAdministrator(path: string): readonly string[] {
  return [`--kubeconfig=${path}`, `--authentication-kubeconfig=${path}`, `--authorization-kubeconfig=${path}`]
}
