import { turn } from '../lib/turn.ts'
import { errorOfStatus } from './answers.ts'
import type { WatchEvent } from './client.ts'
import { KubeError } from './kube-error.ts'

/** Etcd holds at most 1.5 MiB for an object by default; a longer line is not a watch. */
const maxLineBytes = 32 * 1024 * 1024
const turnEvery = 50
const newline = 0x0a

/**
 * Splits bytes into lines. Each byte is copied at most once, however many chunks a line takes.
 *
 * Errors: `KubeError` `BrokenStream` when the bytes end inside a line or a line is too long.
 */
async function* linesOf(chunks: AsyncIterable<Uint8Array>, onBytes?: (bytes: number) => void): AsyncGenerator<string> {
  let parts: Buffer[] = []
  let partBytes = 0
  for await (const chunk of chunks) {
    onBytes?.(chunk.length)
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    let from = 0
    for (let end = buffer.indexOf(newline); end >= 0; end = buffer.indexOf(newline, from)) {
      const tail = buffer.subarray(from, end)
      const line = parts.length === 0 ? tail : Buffer.concat([...parts, tail])
      parts = []
      partBytes = 0
      from = end + 1
      if (line.length > 0) yield line.toString('utf8')
    }
    if (from < buffer.length) {
      const rest = buffer.subarray(from)
      parts.push(rest)
      partBytes += rest.length
      if (partBytes > maxLineBytes) throw new KubeError(0, 'BrokenStream', `a line of the watch is longer than ${maxLineBytes} bytes`)
    }
  }
  if (partBytes > 0) throw new KubeError(0, 'BrokenStream', 'the watch ended inside a line')
}

/**
 * The events of a watch, parsed line by line; lets others run after every 50, since a first list comes as thousands of lines at once.
 *
 * Errors: `KubeError`: the status in an `ERROR` event (410 `Expired`, …), or `BrokenStream` for a line that is not an event. Nothing is skipped.
 */
export async function* watchEvents<T>(chunks: AsyncIterable<Uint8Array>, onBytes?: (bytes: number) => void): AsyncGenerator<WatchEvent<T>> {
  let count = 0
  for await (const line of linesOf(chunks, onBytes)) {
    const event = parseEvent<T>(line)
    if (event.type === 'ERROR') throw errorOfStatus(event.object, 0)
    yield event
    count += 1
    if (count % turnEvery === 0) await turn()
  }
}

const types: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'])

function parseEvent<T>(line: string): WatchEvent<T> {
  let event: Partial<WatchEvent<T>>
  try {
    event = JSON.parse(line) as Partial<WatchEvent<T>>
  } catch (error) {
    throw new KubeError(0, 'BrokenStream', 'a line of the watch is not JSON', { cause: error })
  }
  if (typeof event !== 'object' || event === null || !types.has(event.type ?? '') || typeof event.object !== 'object' || event.object === null) {
    throw new KubeError(0, 'BrokenStream', 'a line of the watch is not an event')
  }
  return event as WatchEvent<T>
}
