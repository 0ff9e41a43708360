import { LocalError } from './local-error.ts'

/** What one line of `go`'s standard error says. */
export type GoLine = { readonly kind: 'download'; readonly module: string } | { readonly kind: 'package'; readonly path: string } | { readonly kind: 'other' }

/** `go: downloading M V` and, with `-v`, one import path a line (cmd/go, `go help build`). */
export function readGoLine(line: string): GoLine {
  const download = /^go: downloading (\S+)/.exec(line)
  if (download?.[1] !== undefined) return { kind: 'download', module: download[1] }
  return /^[a-z0-9][\w.~/-]*$/i.test(line) ? { kind: 'package', path: line } : { kind: 'other' }
}

/** Whether Go's version `have` (`go1.26.8`, `go1.27rc1`) is at least `need` (`1.26.0`). An unreadable one is believed to be new (`devel`). */
export function isGoNewEnough(have: string, need: string): boolean {
  const parts = /^go(\d+)\.(\d+)(?:\.(\d+))?/.exec(have)
  if (parts === null) return have.startsWith('devel')
  const wanted = need.split('.').map(Number)
  for (const [index, want] of wanted.entries()) {
    const got = Number(parts[index + 1] ?? 0)
    if (got !== want) return got > want
  }
  return true
}

/** The version in go.mod's `go` line. */
export function neededGo(goMod: string): string {
  const version = /^go (\S+)$/m.exec(goMod)?.[1]
  if (version === undefined) throw new LocalError('NoSources', 'local/control-plane/go.mod has no go line: restore it from the repository')
  return version
}

/** Turns what `go` wrote before it failed into one line with a remedy. `places` are the folders that it writes to. */
export function explainGoFailure(output: readonly string[], places: string, logFile: string): LocalError {
  const find = (pattern: RegExp): string | undefined =>
    output
      .find((line) => pattern.test(line))
      ?.trim()
      .slice(0, 300)
  const space = find(/no space left on device|disk quota exceeded/i)
  if (space !== undefined) {
    return new LocalError('NoSpace', `the disk is full: building the control plane needs about 5 GB in ${places}; make room and start again (${space})`)
  }
  const version = find(/requires go >=|toolchain not available|invalid go version/)
  if (version !== undefined) return new LocalError('GoTooOld', `Go is too old for the control plane: install a newer one from https://go.dev/dl (${version})`)
  const network = find(/dial tcp|no such host|i\/o timeout|connection refused|proxyconnect|TLS handshake|module lookup disabled|\b(?:403|404|410|5\d\d) [A-Z]/)
  if (network !== undefined) {
    return new LocalError('NoNetwork', `Go modules could not be downloaded: check the network, or set GOPROXY to a proxy that you can reach (${network})`)
  }
  const first = output
    .find((line) => readGoLine(line).kind === 'other' && !line.startsWith('#') && line.trim() !== '')
    ?.trim()
    .slice(0, 300)
  return new LocalError('BuildFailed', `the control plane could not be built: ${first ?? 'go gave no reason'} (all of it: ${logFile})`)
}
