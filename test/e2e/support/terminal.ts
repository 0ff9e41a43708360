import { run } from './program.ts'

/** What a command printed on both outputs, and its exit code. */
export interface Printed {
  readonly code: number | null
  readonly text: string
}

/**
 * Another terminal: a shell in which the given lines (exports, aliases) were typed before every command.
 */
export function terminal(before: readonly string[], env: Readonly<Record<string, string>>): (command: string) => Promise<Printed> {
  return async (command) => {
    const { code, stdout, stderr } = await run(['bash', '-O', 'expand_aliases', '-c', [...before, command].join('\n')], { env })
    return { code, text: `${stdout}${stderr}`.trim() }
  }
}
