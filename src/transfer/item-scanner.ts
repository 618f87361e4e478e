// Finds the items in a stream of JSON. Not a parser: it tells by strings and brackets where an item begins
// and ends, and JSON.parse reads it. So it is fast, knows lines, and goes on after a fault, where a parser
// of the whole stream would have to stop. What stands between items is looked at only to find the next.

import { isUtf8 } from 'node:buffer'

/** An item, or what kept one from being read. `line` is the one it starts on, counted from 1. */
export type JsonItem =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly problem: string }

/** In bytes. */
const ITEM_LIMIT = 1024 * 1024
const DEPTH_LIMIT = 64

const NOT_JSON = 'not valid JSON'
const NOT_UTF8 = 'not valid UTF-8'
const NO_OBJECT = 'not a JSON object'
const TOO_LARGE = 'larger than 1 MiB'
const TOO_DEEP = `nested deeper than ${DEPTH_LIMIT} levels`
const ENDS_EARLY = 'the input ends early'
const CUT_SHORT = 'the list before this line ends early'

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
/** What is no item, though in order: the rest of an object that held `logs`, or one whose `logs` are null. */
const REST: ReadItem = { value: null }

/**
 * Items are objects that stand in an array, in the `logs` of an object, or in nothing. After a fault it goes
 * back to the first place within the faulty item where another may start, so that none is swallowed.
 */
export class ItemScanner {
  /** The input from the item at hand on: `[0, filled)`, of which `[0, position)` is scanned. */
  #bytes = Buffer.allocUnsafe(256 * 1024)
  #filled = 0
  #position = 0
  #line = 1

  /** The open brackets. Items begin at depth `base`: 0, or just inside of a list. */
  readonly #brackets = new Uint8Array(2 * DEPTH_LIMIT)
  #depth = 0
  #base = 0

  /** Where the item at hand starts; NONE between items, and in one too large to keep. */
  #start = NONE
  #startLine = 1
  /** Whether the item at hand is but the rest of an object that held `logs`. */
  #isRest = false
  #inString = false
  /** Where the last string starts. */
  #string = NONE
  /** The last byte that was neither blank nor inside of a string. */
  #previous = 0

  /** Whether a newline was the last byte. */
  #atMargin = true
  /** After a fault: what cannot be the start of an item is passed over in silence. */
  #seeking = false
  #items: JsonItem[] = []

  /** The items and problems that this much more of the input completes. */
  push(piece: Uint8Array): readonly JsonItem[] {
    if (this.#start !== NONE && this.#filled - this.#start > ITEM_LIMIT) this.#letGo()
    this.#append(piece)
    this.#scan()
    return this.#taken()
  }

  /** What is left to tell when the input has ended. */
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
        this.#atMargin = byte === NEWLINE
        if (byte === NEWLINE) this.#line++
        this.#position++
      } else if (this.#depth === this.#base) {
        this.#between(byte)
      } else {
        this.#within(byte)
      }
    }
  }

  /** No string holds a newline as it is: one that does has lost its closing quote. */
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
    // Outside of lists a line begins anew, unless it is indented or closes something.
    if (this.#atMargin && this.#base === 0 && !closes(byte)) this.#seeking = false
    this.#atMargin = false
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

  /** After a fault only the bracket right behind an item does: any other may stand inside of a string. */
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
    // In ASCII a closing bracket is its opening one plus two.
    if (this.#brackets[this.#depth - 1] === byte - 2) {
      this.#depth--
      this.#pass(byte)
      if (this.#depth === this.#base && this.#start !== NONE) this.#take()
    } else {
      // It may close what is around an item that lacks its own bracket.
      this.#previous = CLOSE
      this.#fail(NOT_JSON)
    }
  }

  #pass(byte: number): void {
    this.#previous = byte
    this.#position++
  }

  /** Whether the list that begins here is the `logs` of the item at hand. */
  #isLogs(): boolean {
    if (this.#start === NONE || this.#depth !== this.#base + 1) return false
    const name = this.#bytes.subarray(this.#string, this.#string + LOGS.length)
    return name.equals(LOGS) && this.#depth < DEPTH_LIMIT
  }

  /** What looked like an item is none: it holds them. */
  #enter(): void {
    this.#start = NONE
    // One such object inside of another's list: the other was cut short.
    if (this.#base > 1 && this.#brackets[this.#base - 2] === OPEN) {
      this.#report(this.#startLine, CUT_SHORT)
      this.#depth -= 2
    }
    this.#open(OPEN_LIST)
    this.#base = this.#depth
  }

  /** The item at hand is closed. */
  #take(): void {
    const text = this.#bytes.subarray(this.#start, this.#position)
    const read = this.#isRest ? REST : readItem(text)
    if ('problem' in read) {
      this.#fail(read.problem)
    } else {
      this.#start = NONE
      this.#atMargin = false
      if (read !== REST) this.#items.push({ line: this.#startLine, value: read.value })
    }
  }

  /** Stops keeping an item that is too large, unless its size comes from having swallowed others. */
  #letGo(): void {
    if (this.#nextStart() !== NONE) {
      this.#fail(TOO_LARGE)
    } else {
      this.#report(this.#startLine, TOO_LARGE)
      this.#start = NONE
    }
  }

  /** Gives up the item at hand, and goes on where the next may start. */
  #fail(problem: string): void {
    this.#report(this.#startLine, problem)
    this.#depth = this.#base
    this.#inString = false
    this.#atMargin = false
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
   * Where another item may start inside of the one at hand: outside of lists on the next line; inside at the
   * first object that begins a line or follows a comma or another object. NONE if nowhere.
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

/** Whether the object at `at` has a name first, and begins a line or follows a comma or another object. */
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
    // An empty list may come as null: then the object was not known for a page before it was read.
    return value.logs === null ? REST : { value }
  } catch {
    return { problem: NOT_JSON }
  }
}
