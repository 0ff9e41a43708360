import { onTestFinished } from 'vitest'
import { ensureAssets } from '../../../src/local/assets.ts'
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../../../src/local/control-plane.ts'
import { terminal } from './terminal.ts'
import { inherited } from './trap.ts'

/** A plane that goes with the test. */
export async function startPlane(options: Omit<ControlPlaneOptions, 'assets'> = {}): Promise<ControlPlane> {
  const plane = await startControlPlane({ ...options, assets: await ensureAssets() })
  onTestFinished(() => plane.stop())
  return plane
}

/** kubectl as the plane's administrator: what it printed; throws with what it complained about. */
export function kubectlFor(plane: ControlPlane): (args: string) => Promise<string> {
  const type = terminal([`export KUBECONFIG=${plane.kubeconfig}`], inherited())
  return async (args) => {
    const { code, text } = await type(`${plane.assets.path('kubectl')} ${args}`)
    if (code !== 0) throw new Error(`kubectl ${args}: ${text}`)
    return text
  }
}
