import { KubeError } from './kube-error.ts'

/** The largest answer that we take: a page of 100 objects of the greatest size that etcd keeps is 150 MiB. */
export const maxAnswerBytes = 256 * 1024 * 1024

/**
 * A body as text.
 *
 * Errors: `KubeError` when it is longer than `maxBytes`; with `cut` the rest is left out instead, for texts of errors.
 */
export async function textOf(body: AsyncIterable<Uint8Array>, maxBytes: number, over: 'cut' | 'fail' = 'fail'): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes <= maxBytes) continue
    if (over === 'cut') break
    throw new KubeError(0, 'NoAnswer', `the answer is longer than ${maxBytes} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A body as JSON. An answer that cannot be read is no answer: a write may have happened. */
export async function jsonOf<T>(body: AsyncIterable<Uint8Array>): Promise<T> {
  const text = await textOf(body, maxAnswerBytes)
  try {
    return JSON.parse(text) as T
  } catch (error) {
    throw new KubeError(0, 'NoAnswer', 'the answer is not JSON', { cause: error })
  }
}
