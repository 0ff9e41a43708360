import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type InstanceType, instanceTypes } from './instance-types.ts'

/** As `docs/simulator.md` prints it. */
function line({ name, vcpus, memoryMiB, architecture, gpu }: InstanceType): string {
  const gpus = gpu === undefined ? '' : `${gpu.count} × ${gpu.name} `
  return `| \`${name}\` | ${vcpus} | ${memoryMiB / 1024} GiB | ${architecture} | ${gpus}|`
}

test('the page about the simulator lists the instance types that there are, and no others', () => {
  const page = readFileSync('docs/simulator.md', 'utf8')
  const [, section = ''] = /\n## Instance types\n([\s\S]*?)\n## /.exec(page) ?? []
  expect(section.split('\n').filter((text) => text.startsWith('| `'))).toEqual([...instanceTypes.values()].map(line))
})

test('the types that the page says are not there are not', () => {
  for (const name of ['c5.xlarge', 'r6i.large', 't3.small']) expect(instanceTypes.has(name)).toBe(false)
})
