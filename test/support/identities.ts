import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadKubeConfig } from '../../src/kube/cluster-access.ts'
import { connect } from '../../src/kube/connection.ts'
import { RestClient } from '../../src/kube/rest.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { ControlPlane } from '../../src/local/control-plane.ts'
import { childEnvironment } from '../../src/local/environment.ts'
import type { IdentityName } from '../../src/local/identities.ts'
import { createMetrics } from '../../src/observability/metrics.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

/** A client of the plane as one of its identities, with a way to close it. */
export async function clientAs(plane: Pick<ControlPlane, 'identities'>, who: IdentityName): Promise<{ client: RestClient; close: () => Promise<void> }> {
  const connection = connect(await loadKubeConfig({ path: plane.identities[who] }))
  return { client: new RestClient({ connection, clock: systemClock, metrics: createMetrics() }), close: connection.close }
}

/** kubectl as one of the identities; gives what it printed, throws with what it complained about. */
export async function kubectl(plane: Pick<ControlPlane, 'identities' | 'assets' | 'dir'>, who: IdentityName, ...args: readonly string[]): Promise<string> {
  const fixed = ['--kubeconfig', plane.identities[who]]
  const { stdout } = await run(plane.assets.path('kubectl'), [...fixed, ...args], { env: childEnvironment(process.env, plane.dir) })
  return stdout
}

/** What a user installs first: the definitions, and the roles that the operator works under. */
export async function installProduct(plane: Pick<ControlPlane, 'identities' | 'assets' | 'dir'>): Promise<void> {
  const apply = ['apply', '--server-side', '--field-manager=tidegate']
  await kubectl(plane, 'admin', ...apply, '-f', join(root, 'config/crd'), '-f', join(root, 'config/rbac'), '-f', join(root, 'config/policy'))
  await kubectl(plane, 'admin', 'wait', '--for=condition=Established', '--timeout=60s', '-f', join(root, 'config/crd'))
}
