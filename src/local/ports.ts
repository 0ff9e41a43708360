import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Random } from '../lib/random.ts'

/** Below the range that systems give to outgoing connections (32768 up on Linux, 49152 up on macOS), so that no client takes one of ours in between. */
const range = { from: 20_000, to: 32_000 }

/** `count` different ports on 127.0.0.1 that nobody listens on now. Somebody may take one before it is used: then choose again. */
export async function freePorts(count: number, random: Random): Promise<readonly number[]> {
  const found = new Set<number>()
  while (found.size < count) {
    const port = range.from + Math.floor(random.next() * (range.to - range.from))
    if (await isFree(port)) found.add(port)
  }
  return [...found]
}

/** Whether somebody could listen on `port` of 127.0.0.1 now. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true })
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
