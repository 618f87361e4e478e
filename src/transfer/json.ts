// Reads JSON from a stream of bytes: many items one by one, or one small value whole. What an item may be
// is for a decoder to say; here it is only well-formed, or a problem with a line.

import { isUtf8 } from 'node:buffer'
import { readBounded } from '../bounded-bytes.ts'
import { InputError } from '../errors.ts'
import { asUtf8 } from './encoding.ts'
import { ItemScanner, type JsonItem } from './item-scanner.ts'

export type { JsonItem } from './item-scanner.ts'

/** However large the chunks of the input, a batch holds no more items than start in this many bytes. */
const PIECE = 64 * 1024

/**
 * The items of JSON in any of these shapes, also several after one another: an array of items; an object
 * whose `logs` is such an array, whatever else it holds; items one a line, or with nothing but space or
 * commas between them. Batches come in the order of the input and are never empty. A faulty item costs no
 * other, wherever it can be told where the next one starts. Memory does not grow with the input.
 */
export async function* readJson(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly JsonItem[]> {
  const scanner = new ItemScanner()
  for await (const chunk of asUtf8(input)) {
    for (let at = 0; at < chunk.length; at += PIECE) {
      const items = scanner.push(chunk.subarray(at, at + PIECE))
      if (items.length > 0) yield items
    }
  }
  const items = scanner.end()
  if (items.length > 0) yield items
}

/** The one value of a small file. Refuses more than `limit` bytes, and what is not JSON in UTF-8. */
export async function readWhole(input: AsyncIterable<Uint8Array>, limit: number): Promise<unknown> {
  const bytes = await readBounded(asUtf8(input), limit, () => {
    const most = `${limit.toLocaleString('en')} bytes`
    return new InputError(`larger than ${most}: give it in smaller files`)
  })
  if (!isUtf8(bytes)) throw new InputError('not valid UTF-8: convert it to UTF-8')
  try {
    return JSON.parse(bytes.toString().replace(/^\ufeff/, ''))
  } catch (cause) {
    // Of the engine's message only the place, where it tells one: the rest quotes the file, newlines and all.
    const place = / \(line \d+ column \d+\)/.exec(String(cause))?.[0] ?? ''
    throw new InputError(`not valid JSON${place}: mend the file or fetch it again`)
  }
}
