import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * Breaks each principle on purpose, in a copy of the tree, and demands that the test named by the patch goes red; and that it is green without the
 * patch. The first line of `test/principles/P*.patch` is `# test: <file> :: <name of the test>`. A patch that no longer applies fails as well.
 */
interface Principle {
  readonly name: string
  readonly patch: string
  readonly file: string
  readonly test: string
}

type Verdict = 'passed' | 'failed' | 'not found'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'test/principles')

function readPrinciple(name: string): Principle {
  const patch = join(folder, name)
  const [first = ''] = readFileSync(patch, 'utf8').split('\n', 1)
  const [, file, test] = /^# test: (\S+) :: (.+)$/.exec(first) ?? []
  if (file === undefined || test === undefined) throw new Error(`${name}: the first line must be "# test: <file> :: <name>"`)
  return { name: name.replace(/\.patch$/, ''), patch, file, test }
}

/** Everything that git would keep, as it stands now; the packages are linked. */
function copyTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'tidegate-principles-'))
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--deduplicate'], { cwd: root, encoding: 'utf8' }).split('\n')
  for (const file of files) {
    if (file === '') continue
    mkdirSync(join(tree, dirname(file)), { recursive: true })
    cpSync(join(root, file), join(tree, file), { force: true })
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  return tree
}

/** What vitest says about the named test alone. */
function verdict(tree: string, { file, test }: Principle): Verdict {
  const report = join(tree, 'report.json')
  rmSync(report, { force: true })
  const args = ['run', '--project', projectOf(file), file, '-t', test.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)]
  const env = { ...process.env, TIDEGATE_TEST_REPORT: report }
  spawnSync(process.execPath, [join(tree, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: tree,
    env,
    stdio: 'ignore',
    timeout: 240_000,
    killSignal: 'SIGKILL',
  })
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
    const found = testResults.flatMap(({ assertionResults }) => assertionResults).find(({ title, status }) => title === test && status !== 'skipped')
    return found?.status === 'passed' || found?.status === 'failed' ? found.status : 'not found'
  } catch {
    return 'not found'
  }
}

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly { readonly title: string; readonly status: string }[] }[]
}

function projectOf(file: string): string {
  if (file.startsWith('test/integration/chaos/')) return 'chaos'
  return /^test\/(\w+)\//.exec(file)?.[1] ?? 'unit'
}

/** What is wrong; `undefined` when the principle is watched over. */
function check(tree: string, principle: Principle): string | undefined {
  const apply = (...more: readonly string[]): boolean => spawnSync('git', ['apply', ...more, principle.patch], { cwd: tree }).status === 0
  const green = verdict(tree, principle)
  if (green !== 'passed') return `without the patch: ${principle.file} :: ${principle.test}: ${green}`
  if (!apply()) return 'the patch no longer applies'
  const red = verdict(tree, principle)
  if (!apply('--reverse')) return 'the patch cannot be taken back'
  return red === 'failed' ? undefined : `the principle is broken and ${principle.file} :: ${principle.test}: ${red}`
}

const wanted = process.argv.slice(2)
const principles = readdirSync(folder)
  .filter((name) => name.endsWith('.patch') && (wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix))))
  .toSorted()
  .map(readPrinciple)
const tree = copyTree()
let failed = 0
try {
  for (const principle of principles) {
    const started = performance.now()
    const wrong = check(tree, principle)
    if (wrong !== undefined) failed += 1
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(wrong === undefined ? `ok   ${principle.name}: red when broken (${seconds} s)` : `FAIL ${principle.name}: ${wrong}`)
  }
} finally {
  rmSync(tree, { recursive: true, force: true })
}
console.log(`${principles.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 && principles.length > 0 ? 0 : 1
