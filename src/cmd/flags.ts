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
  return [...before, text]
}

/** `--target-role arn:aws:iam::111122223333:role/tidegate/targets/*`, any number of times. */
export function targetRoles(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^arn:aws[a-z-]*:iam::(?:\d{12}|\*):role\/[\w+=,.@/*-]+$/.test(text))
    throw new InvalidArgumentError('a role is arn:aws:iam::111122223333:role/NAME; * stands for any account, and for any characters in the name')
  return [...before, text]
}

/** For a flag that is given once: of two values the first would be lost without a word. */
export function once(parse: (text: string) => string): (text: string, before: string | undefined) => string {
  return (text, before) => {
    if (before !== undefined) throw new InvalidArgumentError(`${before} was given before, and it is given once`)
    return parse(text)
  }
}

/** As `spec.aws.region` of a TargetCluster. */
export function region(text: string): string {
  if (!/^[a-z]{2,}(?:-[a-z]+)+-\d+$/.test(text)) throw new InvalidArgumentError('a region looks like us-west-2')
  return text
}

export function account(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new InvalidArgumentError('an account has 12 digits')
  return text
}

/** As `spec.eksClusterName` of a TargetCluster, and `*` as IAM reads it: one policy may be for several clusters. */
export function clusterName(text: string): string {
  if (!/^[0-9A-Za-z*][\w*-]{0,99}$/.test(text))
    throw new InvalidArgumentError(
      'the name of an EKS cluster begins with a letter or digit and holds letters, digits, - and _ only; * stands for any characters',
    )
  return text
}

/** The name of a namespace, a DNS label: the API server would refuse another one call by call, when the operator runs already. */
export function namespace(text: string): string {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text))
    throw new InvalidArgumentError('a namespace is at most 63 small letters, digits and -, and neither begins nor ends with -')
  return text
}

/** A user of the API server. The policies of nobody, or of a name with a blank too many, would keep the operator out as everybody else. */
export function user(text: string): string {
  if (text === '' || text !== text.trim())
    throw new InvalidArgumentError('a user is the name that kubectl auth whoami tells: it is not empty, and no blank stands before or after it')
  return text
}

/** `K` for every cluster, `CLUSTER=K` for one; any number of times. */
export function joinTargets(text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const match = /^([0-9A-Za-z][A-Za-z0-9_-]*)=(.+)$/.exec(text)
  const [cluster, path] = match === null ? ['*', text] : [match[1] ?? '*', match[2] ?? '']
  if (before.has(cluster))
    throw new InvalidArgumentError(cluster === '*' ? 'one kubeconfig for all clusters was given twice' : `cluster ${cluster} was given twice`)
  return new Map([...before, [cluster, path]])
}
