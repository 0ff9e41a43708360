/** The variables that a part of this folder may see: a record, so that a test gives its own. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * What the control plane's processes inherit: where programs are, and nothing else. `KUBECONFIG`, proxies and cloud credentials of the person at
 * the keyboard stay out; `HOME` is the plane's own folder, since kwok and kubectl read files there.
 */
export function childEnvironment(environment: Environment, home: string): Record<string, string> {
  return { PATH: environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', HOME: home, TMPDIR: home }
}
