import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { childEnvironment } from '../local/environment.ts'
import { PlainError } from './process.ts'

const exec = promisify(execFile)

/** Runs kubectl with these arguments and gives what it printed; throws with what it complained about. */
export type Kubectl = (args: readonly string[], options: { readonly signal: AbortSignal }) => Promise<string>

/** kubectl against one kubeconfig, whatever `KUBECONFIG` says outside. */
export function kubectl(options: {
  readonly program: string
  readonly kubeconfig: string
  readonly context: string | undefined
  readonly home: string
}): Kubectl {
  const { program, kubeconfig, context, home } = options
  const fixed = ['--kubeconfig', kubeconfig, ...(context === undefined ? [] : ['--context', context])]
  return async (args, { signal }) => {
    try {
      const { stdout } = await exec(program, [...fixed, ...args], { env: childEnvironment(process.env, home), signal, maxBuffer: 16 * 1024 * 1024 })
      return stdout
    } catch (error) {
      const { stderr, code } = error as { readonly stderr?: string; readonly code?: unknown }
      if (code === 'ENOENT')
        throw new PlainError(`there is no ${program} in PATH: install it, or run npm run -s tidegate -- control-plane once, which builds one`)
      throw new PlainError(`kubectl ${args[0] ?? ''}: ${stderr?.trim() ?? String(error)}`, { cause: error })
    }
  }
}
