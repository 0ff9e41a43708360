import type { Environment } from './environment.ts'

/**
 * The environment of a program whose AWS is the simulator: every inherited `AWS_*` is dropped, no profile of the person at the keyboard is read,
 * no metadata service is asked, and the keys are no keys. The simulator takes a key of 12 digits for the account.
 */
export function simulatedAwsEnvironment(environment: Environment, options: { readonly endpoint: string; readonly account: string }): Record<string, string> {
  const own: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) if (value !== undefined && !name.startsWith('AWS_') && name !== 'KUBECONFIG') own[name] = value
  return {
    ...own,
    AWS_ACCESS_KEY_ID: options.account,
    AWS_SECRET_ACCESS_KEY: 'simulated',
    AWS_ENDPOINT_URL: options.endpoint,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}
