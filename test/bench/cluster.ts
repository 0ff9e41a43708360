import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureAssets } from '../../src/local/assets.ts'
import { type ControlPlane, startControlPlane } from '../../src/local/control-plane.ts'
import type { Baselines } from './baselines.ts'
import type { BenchContext } from './bench.ts'

/** etcd and an API server, and nothing that would change what was loaded but the parts that are asked for. */
export async function startPlane(
  { signal, defer, progress }: BenchContext,
  { parts = [] }: { readonly parts?: readonly 'kwok'[] } = {},
): Promise<ControlPlane> {
  progress('starting a control plane')
  const plane = await startControlPlane({ assets: await ensureAssets({ signal }), parts, signal })
  defer(async () => await plane.stop())
  return plane
}

/** Nodes of 10.8 KB and pods of 7 KB, as the API server gives them. */
export async function load(plane: ControlPlane, baselines: Baselines, { settings, signal, progress }: BenchContext): Promise<void> {
  const { nodes, pods } = settings
  progress(`creating ${nodes} nodes and ${pods} pods`)
  const args = ['--config', plane.kubeconfig, '--nodes', String(nodes), '--pods', String(pods)]
  const { stdout } = await promisify(execFile)(baselines('loader'), args, { signal })
  for (const line of stdout.trim().split('\n')) progress(line)
}

/** The kinds, and what the operator may do. */
export async function installTidegate(plane: ControlPlane, { signal }: Pick<BenchContext, 'signal'>): Promise<void> {
  const kubectl = kubectlOf(plane, signal)
  await kubectl('apply', '--server-side', '-f', 'config/crd', '-f', 'config/rbac', '-f', 'config/policy')
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', '-f', 'config/crd')
}

/** Runs kubectl as the administrator; rejects with what it said. */
export function kubectlOf(plane: ControlPlane, signal: AbortSignal): (...args: readonly string[]) => Promise<string> {
  return async (...args) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: plane.dir }
    const { stdout } = await promisify(execFile)(plane.assets.path('kubectl'), ['--kubeconfig', plane.kubeconfig, ...args], { env, signal })
    return stdout
  }
}

export function churnLog(folder: string, name: string): string {
  return join(folder, `${name}.churn`)
}
