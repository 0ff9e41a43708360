import { expect, test } from 'vitest'
import { World } from '../test-world.ts'

const user = (object: string) => ({ object, groupName: 'workers' })

test('one of the objects that name it is shown as long as it does, whatever else comes and goes', async () => {
  const world = new World()
  const shown = async (...objects: readonly string[]): Promise<string | undefined> => {
    world.users = objects.map(user)
    await world.pass('reconcile')
    return world.status?.usedBy
  }
  expect(await shown()).toBeUndefined()
  expect(await shown('team/b', 'team/c')).toBe('team/b')
  expect(await shown('team/a', 'team/b')).toBe('team/b')
  expect(await shown('team/c', 'team/a')).toBe('team/a')
  expect(await shown()).toBeUndefined()
})

test('it is shown also where the cluster does not answer', async () => {
  const world = new World()
  world.kubernetes = () => {
    throw new Error('no answer')
  }
  world.users = [user('team/a')]
  await world.pass('reconcile').catch(() => undefined)
  expect(world.status?.usedBy).toBe('team/a')
})
