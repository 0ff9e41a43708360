/** A fenced block of a page. */
export interface Block {
  readonly language: string
  readonly lines: readonly string[]
}

/** The fenced blocks of a page. */
export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({ language, lines: body.trimEnd().split('\n') }))
}

/** A command of a `console` block and the output that stands below it. */
export interface Typed {
  readonly command: string
  readonly output: string
}

/** The commands of a `console` block: `$ ` begins one, what follows is its output. */
export function typedIn({ lines }: Block): readonly Typed[] {
  const typed: Typed[] = []
  for (const line of lines) {
    const last = typed.at(-1)
    if (line.startsWith('$ ')) typed.push({ command: line.slice(2), output: '' })
    else if (last !== undefined) typed[typed.length - 1] = { ...last, output: `${last.output}\n${line}`.trim() }
  }
  return typed
}

/** Outputs without what differs from run to run: widths of columns, ages, times, ids. */
export function comparable(output: string): string {
  return output
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/\bip-[\d-]+\b/g, 'ip-ADDRESS')
    .replaceAll(/-eks-[0-9a-f]{7}\b/g, '-eks-BUILD')
    .replaceAll(/(?<=\s)(?:\d+[ms])+(?=\s|$)/g, 'AGE')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/ $/gm, '')
    .trim()
}

/** The targets of a page's links: `[text](target)`. */
export function linksOf(page: string): readonly string[] {
  return [...page.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}
