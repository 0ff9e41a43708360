import { InvalidArgumentError } from 'commander'
import { parseAwsRate } from '../aws/budgets.ts'
import { type LogLevel, logLevels } from '../observability/logger.ts'

/** Flag values, checked as early as can be: a bad one ends with one clear line and exit code 2. */

/** commander's line in one line of ours: `tidegate: option '--port <port>' argument 'x' is invalid: …`. */
export function plainUsage(text: string): string {
  return text
    .replace(/^error: /, 'tidegate: ')
    .replace(' is invalid. ', ' is invalid: ')
    .replace('\n(', ' (')
}

export function port(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('a port is a whole number from 0 (any free one) to 65535')
  return value
}

export function positive(what: string, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+(\.\d+)?$/.test(text) || value <= 0 || value > max) throw new InvalidArgumentError(`${what} is a number above 0 and at most ${max}`)
    return value
  }
}

/** A whole number from `min` to `max`. */
export function whole(what: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max) throw new InvalidArgumentError(`${what} is a whole number from ${min} to ${max}`)
    return value
  }
}

export function logLevel(text: string): LogLevel {
  const found = logLevels.find((level) => level === text)
  if (found === undefined) throw new InvalidArgumentError(`one of ${logLevels.join(', ')}`)
  return found
}

type AwsRate = ReturnType<typeof parseAwsRate>

/** `--aws-rate eks=50`, any number of times. */
export function awsRates(text: string, before: readonly AwsRate[] = []): readonly AwsRate[] {
  try {
    return [...before, parseAwsRate(text)]
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
}

/** `--pass-role arn:aws:iam::111122223333:role/eks/*`, any number of times. */
export function passRoles(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/*-]+$/.test(text))
    throw new InvalidArgumentError('a role is arn:aws:iam::111122223333:role/NAME; * stands for any characters in the name')
  if (partitionOf(text) !== partitionOf(before[0] ?? text))
    throw new InvalidArgumentError(`roles of one partition alone: ${partitionOf(before[0] ?? text)} was given before, and one policy is for one partition`)
  return [...before, text]
}

/** `aws`, `aws-cn` or `aws-us-gov` of an ARN. */
export function partitionOf(arn: string): string {
  return arn.split(':')[1] ?? ''
}

/** `K` for every cluster, `CLUSTER=K` for one; any number of times. */
export function joinTargets(text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const match = /^([0-9A-Za-z][A-Za-z0-9_-]*)=(.+)$/.exec(text)
  const [cluster, path] = match === null ? ['*', text] : [match[1] ?? '*', match[2] ?? '']
  if (before.has(cluster))
    throw new InvalidArgumentError(cluster === '*' ? 'one kubeconfig for all clusters was given twice' : `cluster ${cluster} was given twice`)
  return new Map([...before, [cluster, path]])
}
