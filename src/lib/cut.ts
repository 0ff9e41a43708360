/**
 * A text of others, for what is kept: at most `most` UTF-16 units, never half a character, and `…` at the end of what was cut. A copy: a mere slice holds all
 * that it was cut from in memory.
 */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const end = most - 1
  const whole = isFirstHalf(text.charCodeAt(end - 1)) ? end - 1 : end
  return Buffer.from(`${text.slice(0, whole)}…`, 'utf16le').toString('utf16le')
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
