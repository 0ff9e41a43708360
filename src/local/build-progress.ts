/** Where a build stands. Counts are of packages (compiling), modules (downloading) and programs (linking). */
export interface BuildProgress {
  readonly phase: 'preparing' | 'compiling' | 'linking' | 'checking'
  readonly downloaded: number
  /** At most this many modules can be missing. */
  readonly modules: number
  readonly compiled: number
  /** Packages that the build cache does not have; 0 until it is known. */
  readonly packages: number
  readonly linked: number
  readonly programs: number
  /** Since the first package was compiled, in milliseconds; 0 before. */
  readonly compilingMs: number
  readonly elapsedMs: number
}

/** One program is linked in the time that this many packages take to compile (measured: 45 s for seven, 8.5 packages a second, on 2 cores). */
const packagesPerLink = 55

/** What is left, in milliseconds, or `undefined` while there is too little to judge by. */
export function estimateLeftMs(progress: BuildProgress): number | undefined {
  const { phase, compiled, packages, linked, programs, compilingMs } = progress
  if (phase !== 'compiling' && phase !== 'linking') return undefined
  const all = packages + programs * packagesPerLink
  const done = compiled + linked * packagesPerLink
  if (done < all * 0.03 || compilingMs < 5_000) return undefined
  return (compilingMs * (all - done)) / done
}

/** One line for people: what, how far, how long, how much longer. */
export function progressLine(progress: BuildProgress): string {
  const left = estimateLeftMs(progress)
  const time = `${duration(progress.elapsedMs)} so far${left === undefined ? '' : `, about ${duration(left)} left`}`
  return `building the control plane: ${what(progress)}, ${time}`
}

function what({ phase, downloaded, modules, compiled, packages, linked, programs }: BuildProgress): string {
  const words: Readonly<Record<BuildProgress['phase'], string>> = {
    preparing: downloaded === 0 ? 'looking at what is needed' : `downloading Go modules, ${downloaded} of at most ${modules}`,
    compiling: `compiling, ${compiled} of ${packages} packages (${Math.floor((100 * compiled) / Math.max(1, packages))}%)`,
    linking: `linking, ${linked} of ${programs} programs`,
    checking: 'checking the programs',
  }
  return words[phase]
}

/** `42 s`, `5 min 12 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`
}
