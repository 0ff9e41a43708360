import type { Random } from '../lib/random.ts'

/** `length` hexadecimal digits. */
export function hex(random: Random, length: number): string {
  return Array.from({ length }, () => Math.floor(random.next() * 16).toString(16)).join('')
}

/** An EC2 id of today's length: `i-0` and 16 digits more. */
export function ec2Id(random: Random, prefix: string): string {
  return `${prefix}-0${hex(random, 16)}`
}
