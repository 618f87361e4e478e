// Reads JSON from a stream of bytes: many items one by one, or one small value. Here items are well-formed, or a
// problem with a line; decoders check their content.

import { isUtf8 } from 'node:buffer'
import { readBounded } from '../bounded-bytes.ts'
import { InputError } from '../errors.ts'
import { asUtf8 } from './encoding.ts'
import { ItemScanner, type JsonItem } from './item-scanner.ts'

export type { JsonItem } from './item-scanner.ts'

/** The number of bytes that are scanned at once, which limits the size of a batch. */
const PIECE = 64 * 1024

/**
 * The items of JSON in any of these shapes, also one after another: an array of items; an object whose `logs` is such
 * an array; items on separate lines, or separated by white space or commas. Batches are in the order of the input and
 * never empty. After an invalid item it continues with the next one that can be found. Memory does not grow with the
 * input.
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

/** The value of a small file. Refuses more than `limit` bytes, and anything that is not JSON in UTF-8. */
export async function readJsonValue(
  input: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<unknown> {
  const bytes = await readBounded(asUtf8(input), limit, () => {
    const most = `${limit.toLocaleString('en')} bytes`
    return new InputError(`larger than ${most}: split it into smaller files`)
  })
  if (!isUtf8(bytes)) throw new InputError('not valid UTF-8: convert it to UTF-8')
  try {
    return JSON.parse(bytes.toString().replace(/^\ufeff/, ''))
  } catch (cause) {
    // Only the position in V8's message is used: the rest quotes the file.
    const place = / \(line \d+ column \d+\)/.exec(String(cause))?.[0] ?? ''
    throw new InputError(`not valid JSON${place}: correct the file or download it again`)
  }
}
