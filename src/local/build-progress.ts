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

/** Linking and stripping seven programs takes about this share of the whole (measured: 70 s of 350 s on 2 cores, partly beside compiling). */
const linkShare = 0.12

/** What is left, in milliseconds, or `undefined` while there is too little to judge by. */
export function estimateLeftMs(progress: BuildProgress): number | undefined {
  const { phase, compiled, packages, linked, programs, compilingMs } = progress
  if (phase !== 'compiling' && phase !== 'linking') return undefined
  if (packages > 0 && compiled < packages * 0.05) return undefined
  const compiling = packages === 0 ? 1 : Math.min(1, compiled / packages)
  const done = compiling * (1 - linkShare) + (linked / programs) * linkShare
  if (done <= 0 || compilingMs < 5_000) return undefined
  return (compilingMs * (1 - done)) / done
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
