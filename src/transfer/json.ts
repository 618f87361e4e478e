// Takes items out of streamed JSON: arrays, the `logs` of pages, and lines, told from the bytes themselves.
// Not a parser: it only finds where an item begins and ends, since JSON.parse is faster and a parser would
// stop at the first fault, where this goes on with the next item and names the line of the one left out.
// Brackets and commas between items are not checked: only what would be lost is a problem.

import { isUtf8 } from 'node:buffer'
import { Refusal } from '../errors.ts'

/** An item, or what kept one from being read. `line` is the one it starts on; the first is 1. */
export type JsonItem =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly problem: string }

const ITEM_LIMIT = 1024 * 1024
const DEPTH_LIMIT = 64
/** Input is looked at in pieces of this size, so that a piece's items are few however large its chunk. */
const PIECE = 64 * 1024

const TAB = 0x09
const NEWLINE = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d
/** The three bytes of a byte order mark. */
const MARK = [0xef, 0xbb, 0xbf]

const LOGS = Buffer.from('"logs"')
const NONE = -1

/**
 * The items of JSON in any of these shapes, also one after another: an array of items; an object whose `logs`
 * is such an array, whatever else it holds; items with nothing but space or commas between them, such as one a
 * line. Batches come in the order of the input and are never empty. A faulty item costs no other item
 * wherever the start of the next can be told. Memory does not grow with the input.
 */
export async function* readJson(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly JsonItem[]> {
  const scanner = openScanner()
  for await (const chunk of input) {
    for (let at = 0; at < chunk.length; at += PIECE) {
      const items = scanner.push(chunk.subarray(at, at + PIECE))
      if (items.length > 0) yield items
    }
  }
  const items = scanner.end()
  if (items.length > 0) yield items
}

/** The value of a small file. Refuses more than `limit` bytes, and what is not JSON in UTF-8. */
export async function readWhole(
  input: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of input) {
    size += chunk.length
    if (size > limit) {
      throw new Refusal('BAD_USER_INPUT', `larger than ${limit} bytes: give it in smaller files`)
    }
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  if (!isUtf8(bytes)) throw new Refusal('BAD_USER_INPUT', 'not valid UTF-8: convert it to UTF-8')
  try {
    return JSON.parse(bytes.toString().replace(/^\ufeff/, ''))
  } catch (cause) {
    const place = /\(line \d+ column \d+\)/.exec(String(cause))?.[0] ?? ''
    throw new Refusal('BAD_USER_INPUT', `not valid JSON ${place}`.trimEnd())
  }
}

interface Scanner {
  /** The items that this piece of the input completes. */
  push(piece: Uint8Array): readonly JsonItem[]
  /** What is left when the input ends. */
  end(): readonly JsonItem[]
}

function openScanner(): Scanner {
  // The input from the item at hand on: `bytes[0, end)`, of which `[0, position)` is scanned.
  let bytes = Buffer.allocUnsafe(4 * PIECE)
  let end = 0
  let position = 0
  let line = 1
  // The open brackets. Items are taken at depth `base`: 0, or inside of a list.
  const stack = new Uint8Array(DEPTH_LIMIT)
  let depth = 0
  let base = 0
  // The item at hand; `NONE` between items, and in one that is only passed over.
  let start = NONE
  let startLine = 1
  let inString = false
  /** Where the last string started. */
  let string = NONE
  /** The last byte that was neither blank nor inside of a string. */
  let previous = 0
  /** Whether nothing but the newline came before on this line. */
  let atMargin = true
  /** After a fault: what cannot be an item's start is passed over without a word. */
  let seeking = false
  let items: JsonItem[] = []

  function push(piece: Uint8Array): readonly JsonItem[] {
    if (start !== NONE && end - start > ITEM_LIMIT) {
      items.push({ line: startLine, problem: TOO_LARGE })
      start = NONE
    }
    const kept = start === NONE ? Math.min(position, end) : start
    if (end - kept + piece.length > bytes.length) {
      bytes = Buffer.concat([bytes.subarray(kept, end)], 2 * (end - kept + piece.length))
    } else {
      bytes.copyWithin(0, kept, end)
    }
    end -= kept
    position -= kept
    string -= kept
    if (start !== NONE) start = 0
    bytes.set(piece, end)
    end += piece.length
    scan()
    return taken()
  }
  return { push, end: finish }
}
