// Finds items in a stream of JSON by strings and brackets only, and parses each with JSON.parse. So it is fast, knows
// line numbers, and continues after invalid items, where a parser of the stream would have to stop.

import { isUtf8 } from 'node:buffer'

/** An item, or the problem of an invalid one. `line` is the line on which it starts, from 1. */
export type JsonItem =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly problem: string }

/** Bytes. */
const ITEM_LIMIT = 1024 * 1024
const DEPTH_LIMIT = 64

const NOT_JSON = 'not valid JSON'
const NOT_UTF8 = 'not valid UTF-8'
const NO_OBJECT = 'not a JSON object'
const TOO_LARGE = 'larger than 1 MiB'
const TOO_DEEP = `nested deeper than ${DEPTH_LIMIT} levels`
const ENDS_EARLY = 'the input is incomplete'
const CUT_SHORT = 'the list before this line is incomplete'

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
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf]
const LOGS = Buffer.from('"logs"')
const NONE = -1

type ReadItem = { readonly value: unknown } | { readonly problem: string }
/** Valid, but not an item: the rest of an object with `logs`, or one whose `logs` are null. */
const REST: ReadItem = { value: null }

/**
 * Items are objects in an array, in the `logs` of an object, or at the top level. After an invalid item the scan
 * returns to the first place within it where another may start, so that no item is lost.
 */
export class ItemScanner {
  /** The input from the current item onwards: `[0, filled)`, of which `[0, position)` is scanned. */
  #bytes = Buffer.allocUnsafe(256 * 1024)
  #filled = 0
  #position = 0
  #line = 1

  /** The open brackets. Items start at depth `base`: 0, or directly in a list. */
  readonly #brackets = new Uint8Array(2 * DEPTH_LIMIT)
  #depth = 0
  #base = 0

  /** The start of the current item; NONE between items, and in an item that is too large. */
  #start = NONE
  #startLine = 1
  /** Whether the current item is the rest of an object with `logs`. */
  #isRest = false
  #inString = false
  /** Where the last string starts. */
  #string = NONE
  /** The last byte that was neither white space nor in a string. */
  #previous = 0

  /** Whether the last byte was a newline. */
  #atLineStart = true
  /** After an invalid item: skips bytes that cannot start an item, without reporting them. */
  #seeking = false
  #items: JsonItem[] = []

  /** The items and problems that this piece completes. */
  push(piece: Uint8Array): readonly JsonItem[] {
    if (this.#start !== NONE && this.#filled - this.#start > ITEM_LIMIT) this.#dropLarge()
    this.#append(piece)
    this.#scan()
    return this.#taken()
  }

  /** The items and problems that remain at the end of the input. */
  end(): readonly JsonItem[] {
    const inList = this.#start === NONE && this.#depth > 0
    if (inList) this.#report(this.#line, ENDS_EARLY)
    while (this.#start !== NONE) {
      this.#fail(ENDS_EARLY)
      this.#scan()
    }
    return this.#taken()
  }

  #append(piece: Uint8Array): void {
    const kept = this.#start === NONE ? Math.min(this.#position, this.#filled) : this.#start
    const needed = this.#filled - kept + piece.length
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(2 * needed)
      this.#bytes.copy(grown, 0, kept, this.#filled)
      this.#bytes = grown
    } else {
      this.#bytes.copyWithin(0, kept, this.#filled)
    }
    this.#bytes.set(piece, this.#filled - kept)
    this.#filled = needed
    this.#position -= kept
    this.#string -= kept
    if (this.#start !== NONE) this.#start = 0
  }

  #scan(): void {
    while (this.#position < this.#filled) {
      const byte = this.#bytes[this.#position] as number
      if (this.#inString) {
        this.#passString()
      } else if (isBlank(byte)) {
        this.#atLineStart = byte === NEWLINE
        if (byte === NEWLINE) this.#line++
        this.#position++
      } else if (this.#depth === this.#base) {
        this.#between(byte)
      } else {
        this.#within(byte)
      }
    }
  }

  /** JSON strings contain no raw newline, so a string with one lacks its closing quote. */
  #passString(): void {
    const bytes = this.#bytes
    const filled = this.#filled
    let at = this.#position
    while (at < filled) {
      const byte = bytes[at]
      if (byte === QUOTE || byte === NEWLINE) break
      at += byte === BACKSLASH ? 2 : 1
    }
    this.#position = at
    if (at >= filled) return
    if (bytes[at] === NEWLINE) {
      this.#fail(NOT_JSON)
    } else {
      this.#inString = false
      this.#position++
    }
  }

  #between(byte: number): void {
    // Outside of lists, a line that is not indented and closes nothing may start an item.
    if (this.#atLineStart && this.#base === 0 && !closes(byte)) this.#seeking = false
    this.#atLineStart = false
    if (byte === OPEN && !(this.#seeking && this.#previous === COLON)) {
      this.#seeking = false
      this.#begin(false)
      this.#open(byte)
    } else if (this.#depth > 0 && byte === CLOSE_LIST && this.#closesList()) {
      this.#closeList()
    } else if (this.#seeking) {
      this.#pass(byte)
    } else if (byte === OPEN_LIST && this.#depth < DEPTH_LIMIT) {
      this.#open(byte)
      this.#base = this.#depth
    } else {
      if (byte !== COMMA && !BYTE_ORDER_MARK.includes(byte)) this.#stray(byte)
      this.#pass(byte)
    }
  }

  #stray(byte: number): void {
    this.#report(this.#line, byte === OPEN_LIST ? TOO_DEEP : NO_OBJECT)
    this.#seeking = true
  }

  /** After an invalid item only a bracket directly after an item closes the list: others may be in a string. */
  #closesList(): boolean {
    return !this.#seeking || this.#previous === CLOSE
  }

  #begin(isRest: boolean): void {
    this.#start = this.#position
    this.#startLine = this.#line
    this.#isRest = isRest
  }

  #closeList(): void {
    this.#depth--
    this.#base = this.#depth
    this.#seeking = false
    if (this.#depth > 0 && this.#brackets[this.#depth - 1] === OPEN) {
      this.#base--
      this.#begin(true)
    }
    this.#pass(CLOSE_LIST)
  }

  #within(byte: number): void {
    if (opens(byte)) {
      if (!this.#takesBracket()) this.#fail(NOT_JSON)
      else if (this.#depth - this.#base === DEPTH_LIMIT) this.#fail(TOO_DEEP)
      else if (byte === OPEN_LIST && this.#isLogs()) this.#enter()
      else this.#open(byte)
    } else if (closes(byte)) {
      this.#close(byte)
    } else if (byte !== QUOTE) {
      this.#pass(byte)
    } else if (takesValue(this.#previous) || this.#previous === OPEN) {
      this.#inString = true
      this.#string = this.#position
      this.#pass(byte)
    } else {
      this.#fail(NOT_JSON)
    }
  }

  #takesBracket(): boolean {
    const inList = this.#brackets[this.#depth - 1] === OPEN_LIST
    return inList ? takesValue(this.#previous) : this.#previous === COLON
  }

  #open(byte: number): void {
    this.#brackets[this.#depth++] = byte
    this.#pass(byte)
  }

  #close(byte: number): void {
    // In ASCII the code of a closing bracket is that of its opening one plus two.
    if (this.#brackets[this.#depth - 1] === byte - 2) {
      this.#depth--
      this.#pass(byte)
      if (this.#depth === this.#base && this.#start !== NONE) this.#take()
    } else {
      // The bracket may close the level around an item that lacks its own bracket.
      this.#previous = CLOSE
      this.#fail(NOT_JSON)
    }
  }

  #pass(byte: number): void {
    this.#previous = byte
    this.#position++
  }

  /** Whether the list that starts here is the `logs` of the current item. */
  #isLogs(): boolean {
    if (this.#start === NONE || this.#depth !== this.#base + 1) return false
    const name = this.#bytes.subarray(this.#string, this.#string + LOGS.length)
    return name.equals(LOGS) && this.#depth < DEPTH_LIMIT
  }

  /** The current object is not an item, but contains items. */
  #enter(): void {
    this.#start = NONE
    // An object with `logs` in the `logs` of another: the outer one was cut off.
    if (this.#base > 1 && this.#brackets[this.#base - 2] === OPEN) {
      this.#report(this.#startLine, CUT_SHORT)
      this.#depth -= 2
    }
    this.#open(OPEN_LIST)
    this.#base = this.#depth
  }

  /** At the end of the current item. */
  #take(): void {
    const text = this.#bytes.subarray(this.#start, this.#position)
    const read = this.#isRest ? REST : readItem(text)
    if ('problem' in read) {
      this.#fail(read.problem)
    } else {
      this.#start = NONE
      this.#atLineStart = false
      if (read !== REST) this.#items.push({ line: this.#startLine, value: read.value })
    }
  }

  /** Drops an item that is too large, unless it contains the start of others. */
  #dropLarge(): void {
    if (this.#nextStart() !== NONE) {
      this.#fail(TOO_LARGE)
    } else {
      this.#report(this.#startLine, TOO_LARGE)
      this.#start = NONE
    }
  }

  /** Reports the current item, and continues where the next may start. */
  #fail(problem: string): void {
    this.#report(this.#startLine, problem)
    this.#depth = this.#base
    this.#inString = false
    this.#atLineStart = false
    this.#seeking = true
    if (this.#start === NONE) return
    const next = this.#nextStart()
    if (next !== NONE) {
      this.#position = next
      this.#previous = COMMA
    }
    this.#line = this.#startLine + newlines(this.#bytes.subarray(this.#start, this.#position))
    this.#start = NONE
  }

  /**
   * Where another item may start within the current one: outside of lists on the next line; in a list at the first
   * object at the start of a line, or after a comma or another object. NONE if there is no such place.
   */
  #nextStart(): number {
    const seen = this.#bytes.subarray(0, Math.min(this.#position, this.#filled))
    if (this.#base === 0) {
      const newline = seen.indexOf(NEWLINE, this.#start)
      if (newline !== NONE) return newline
    }
    let at = seen.indexOf(OPEN, this.#start + 1)
    while (at !== NONE && !startsItem(seen, at)) at = seen.indexOf(OPEN, at + 1)
    return at
  }

  #report(line: number, problem: string): void {
    this.#items.push({ line, problem })
  }

  #taken(): readonly JsonItem[] {
    const items = this.#items
    this.#items = []
    return items
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB
}

function opens(byte: number): boolean {
  return byte === OPEN || byte === OPEN_LIST
}

function closes(byte: number): boolean {
  return byte === CLOSE || byte === CLOSE_LIST
}

/** Whether a value may follow this byte. */
function takesValue(byte: number): boolean {
  return byte === COLON || byte === COMMA || byte === OPEN_LIST
}

/** Whether the object at `at` starts with a name, and is at the start of a line, or after a comma or another object. */
function startsItem(bytes: Uint8Array, at: number): boolean {
  let after = at + 1
  while (isBlank(bytes[after])) after++
  if (bytes[after] !== QUOTE) return false
  let before = at - 1
  while (isBlank(bytes[before]) && bytes[before] !== NEWLINE) before--
  const byte = bytes[before]
  return byte === NEWLINE || byte === COMMA || byte === CLOSE
}

function newlines(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}

function readItem(text: Buffer): ReadItem {
  if (text.length > ITEM_LIMIT) return { problem: TOO_LARGE }
  if (!isUtf8(text)) return { problem: NOT_UTF8 }
  try {
    const value = JSON.parse(text.toString())
    // Scaleway's API may write an empty list as null.
    return value.logs === null ? REST : { value }
  } catch {
    return { problem: NOT_JSON }
  }
}
