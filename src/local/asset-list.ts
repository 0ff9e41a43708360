import { createHash } from 'node:crypto'

/** One upstream program that we build. */
export interface Asset {
  /** The file's name, as tools that know `KUBEBUILDER_ASSETS` expect it. */
  readonly name: string
  readonly package: string
  /** What the file is called after `go build`, where that is not `name`. */
  readonly builtAs?: string
  /** A run that ends at once with 0 and shows that the file is whole and made for this machine. */
  readonly check: readonly string[]
}

/** Versions stand in go.mod; only Kubernetes' own must be told to the linker, else the server calls itself v0.0.0-master. */
const kubernetes = { version: 'v1.36.3', major: '1', minor: '36' }

export const assetList: readonly Asset[] = [
  { name: 'kube-apiserver', package: 'k8s.io/kubernetes/cmd/kube-apiserver', check: ['--version'] },
  { name: 'kube-controller-manager', package: 'k8s.io/kubernetes/cmd/kube-controller-manager', check: ['--version'] },
  { name: 'kube-scheduler', package: 'k8s.io/kubernetes/cmd/kube-scheduler', check: ['--version'] },
  { name: 'etcd', package: 'go.etcd.io/etcd/server/v3', builtAs: 'server', check: ['--version'] },
  { name: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok', check: ['--version'] },
  { name: 'helm', package: 'helm.sh/helm/v4/cmd/helm', check: ['version'] },
  { name: 'kubectl', package: 'k8s.io/kubernetes/cmd/kubectl', check: ['version', '--client'] },
]

const ldflags = [
  '-s -w',
  `-X k8s.io/component-base/version.gitVersion=${kubernetes.version}`,
  `-X k8s.io/component-base/version.gitMajor=${kubernetes.major}`,
  `-X k8s.io/component-base/version.gitMinor=${kubernetes.minor}`,
  `-X k8s.io/client-go/pkg/version.gitVersion=${kubernetes.version}`,
].join(' ')

/** Flags of `go build`, without the output and the packages. */
export const buildFlags: readonly string[] = ['-trimpath', '-ldflags', ldflags]

/** What the build adds to the environment: no C compiler is needed, and none is looked for. */
export const buildEnvironment: Readonly<Record<string, string>> = { CGO_ENABLED: '0' }

/** The cache folder's name: the same sources, flags and platform give the same binaries. */
export function assetKey(goSum: string, platform: string, arch: string): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([goSum, buildFlags, buildEnvironment, assetList.map(({ name, package: path }) => [name, path]), platform, arch]))
  return hash.digest('hex').slice(0, 16)
}
