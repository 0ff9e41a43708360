import { expect, test } from 'vitest'
import { ensureAssets } from '../../src/local/assets.ts'
import { eventually } from '../support/eventually.ts'
import { testFolder } from './support/folder.ts'
import { alive, Program, run } from './support/program.ts'
import { inherited } from './support/trap.ts'

const command = (dataDir: string): readonly string[] => ['npm', 'run', '-s', 'tidegate', '--', 'control-plane', '--data-dir', dataDir]

test('control-plane --data-dir keeps what it holds, is one at a time, and ends on Ctrl-C with all its children', async () => {
  const env = inherited()
  const dataDir = testFolder()
  const { path } = await ensureAssets()
  const kubectl = async (kubeconfig: string, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run([path('kubectl'), '--kubeconfig', kubeconfig, ...args], { env })
    if (code !== 0) throw new Error(stderr)
    return stdout
  }

  const first = new Program(command(dataDir), { env })
  const [, kubeconfig = ''] = await first.says(/^kubeconfig: (\S+)\n/)
  await kubectl(kubeconfig, 'create', 'configmap', 'kept', '--from-literal=a=b')
  const second = await run(command(dataDir), { env })
  expect(second.code).toBe(1)
  expect(second.stderr.replaceAll(/^npm warn .*\n/gm, '')).toBe(
    `tidegate: the data folder ${dataDir} belongs to a control plane that runs: stop it, or name another folder\n`,
  )
  const family = first.family()
  expect(family.length).toBeGreaterThan(10)
  first.signalGroup('SIGINT')
  first.signalGroup('SIGINT')
  expect(await first.ended).toMatchObject({ code: 0 })
  await eventually(() => expect(alive(family)).toEqual([]))

  const again = new Program(command(dataDir), { env })
  expect((await again.says(/^kubeconfig: (\S+)\n/))[1]).toBe(kubeconfig)
  expect(await kubectl(kubeconfig, 'get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}')).toBe('b')
  again.signalGroup('SIGTERM')
  expect(await again.ended).toMatchObject({ code: 0 })
})
