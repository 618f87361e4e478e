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
const TOO_LARGE = 'larger than 1 MiB'
const TOO_DEEP = `nested deeper than ${DEPTH_LIMIT} levels`
const ENDS_EARLY = 'the input is incomplete'

const BLANKS = ' \t\r\n'
/** Between items: commas, and the bytes of a byte order mark. */
const SEPARATORS = ',\xef\xbb\xbf'

/** The start of a string, where one may be. JSON strings contain no raw newline: one that does lacks its last quote. */
const STRING = String.raw`(?<=[:,[{][ \t\r\n]*)"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*`
const INCOMPLETE_STRING = new RegExp(String.raw`${STRING}\\?`, 'y')
/** Up to the next bracket, or to a quote that begins no complete string. */
const NO_BRACKET = new RegExp(String.raw`(?:[^"[\]{}]+|${STRING}")*`, 'y')
/** Where a bracket may open in an object, or in a list. */
const VALUE = { '{': /(?<=:[ \t\r\n]*)/y, '[': /(?<=[:,[][ \t\r\n]*)/y }
const LOGS = /(?<=[:{,][ \t\r\n]*"logs"[^"[\]{}]*)\[/y
/** An object that starts with a name, and is at the start of a line, or after a comma or another object. */
const NEXT_ITEM = /(?<=[\n,}][ \t\r]*)\{(?=[ \t\r\n]*")/

/**
 * Items are objects in an array, in the `logs` of an object, or at the top level. After an invalid item the scan
 * returns to the first place within it where another may start, so that no item is lost.
 */
export class ItemScanner {
  /** The input from `#position` onwards, which is not scanned yet; one character for each byte. */
  #text = ''
  #position = 0
  #line = 1
  /** Whether an object starts at the position whose end is not in the text yet. */
  #isCut = false

  /** The open brackets around items: `[` for a list, `{[` for the `logs` of an object. */
  #around = ''
  /** The last byte that was not white space. */
  #previous = ''
  #atLineStart = true
  /** After an invalid item: skips bytes that cannot start an item, without reporting them. */
  #seeking = false
  #items: JsonItem[] = []

  /** The items and problems that this piece completes. */
  push(piece: Uint8Array): readonly JsonItem[] {
    if (this.#isCut && this.#text.length - this.#position > ITEM_LIMIT) {
      this.#fail(TOO_LARGE, this.#text.length)
    }
    this.#text = this.#text.slice(this.#position) + Buffer.from(piece).toString('latin1')
    this.#position = 0
    this.#scan()
    return this.#items.splice(0)
  }

  /** The items and problems that remain at the end of the input. */
  end(): readonly JsonItem[] {
    if (!this.#isCut && this.#around !== '') this.#report(ENDS_EARLY)
    while (this.#isCut) {
      this.#fail(ENDS_EARLY, this.#text.length)
      this.#scan()
    }
    return this.#items.splice(0)
  }

  #scan(): void {
    this.#isCut = false
    while (!this.#isCut && this.#position < this.#text.length) {
      const char = this.#text.charAt(this.#position)
      if (BLANKS.includes(char)) {
        this.#atLineStart = char === '\n'
        this.#advance(this.#position + 1)
        continue
      }
      // Outside of lists, a line that is not indented and closes nothing may start an item.
      if (this.#atLineStart && this.#around === '' && !']}'.includes(char)) this.#seeking = false
      this.#atLineStart = false
      const mayBeItem = char === '{' && !(this.#seeking && this.#previous === ':')
      if (mayBeItem || (char === ']' && this.#closesList())) {
        this.#seeking = false
        if (mayBeItem) this.#object(this.#around)
        else if (this.#around.endsWith('{[')) this.#object(this.#around.slice(0, -2), true)
        else this.#advance(this.#position + 1, char, this.#around.slice(0, -1))
      } else {
        if (!this.#seeking) this.#between(char)
        this.#advance(this.#position + 1, char)
      }
    }
  }

  /** After an invalid item only a bracket directly after an item closes the list: others may be in a string. */
  #closesList(): boolean {
    return this.#around !== '' && (!this.#seeking || this.#previous === '}')
  }

  #between(char: string): void {
    if (char === '[' && this.#around.length < DEPTH_LIMIT) {
      this.#around += char
    } else if (!SEPARATORS.includes(char)) {
      this.#report(char === '[' ? TOO_DEEP : 'not a JSON object')
      this.#seeking = true
    }
  }

  /** The object at the position; with `isRest` what follows the `logs` of one, from their closing bracket. */
  #object(around: string, isRest = false): void {
    const { end, problem } = scanObject(this.#text, this.#position, around.length < DEPTH_LIMIT - 1)
    this.#isCut = problem === ENDS_EARLY
    if (this.#isCut) return
    if (problem === HAS_ITEMS) {
      // An object with `logs` in the `logs` of another: the outer one was cut off.
      const isCutShort = around.endsWith('{[')
      if (isCutShort) this.#report('the list before this line is incomplete')
      this.#advance(end, '[', isCutShort ? around : `${around}{[`)
      return
    }
    const text = this.#text.slice(this.#position, end)
    const read = problem !== null ? { problem } : isRest ? REST : readItem(text)
    if ('problem' in read) {
      this.#fail(read.problem, end, around)
    } else {
      if (read !== REST) this.#items.push({ line: this.#line, value: read.value })
      this.#advance(end, '}', around)
    }
  }

  /**
   * Reports the current object, of which everything before `end` was scanned, and continues where the next item may
   * start: outside of lists on the next line; otherwise at the first object that may be an item, or at `end`.
   */
  #fail(problem: string, end: number, around = this.#around): void {
    this.#report(problem)
    this.#seeking = true
    const seen = this.#text.slice(this.#position, end)
    const newline = around === '' ? seen.indexOf('\n') : -1
    const next = newline >= 0 ? newline : seen.slice(1).search(NEXT_ITEM) + 1
    // A bracket that closes nothing in the object may close the level around it, because the object lacks its own.
    const last = /^[\]}]/.test(this.#text.slice(end, end + 1)) ? '}' : seen.trimEnd().at(-1)
    if (next > 0) this.#advance(this.#position + next, ',', around)
    else this.#advance(end, last, around)
  }

  #advance(to: number, previous = this.#previous, around = this.#around): void {
    for (let at = this.#position; ; at++) {
      at = this.#text.indexOf('\n', at)
      if (at < 0 || at >= to) break
      this.#line++
    }
    this.#position = to
    this.#previous = previous
    this.#around = around
  }

  #report(problem: string): void {
    this.#items.push({ line: this.#line, problem })
  }
}

/** In place of a problem: the object is not an item, but its `logs` begin here. */
const HAS_ITEMS = 'has items'

interface Scanned {
  /** Where the object ends, or where its problem was found. */
  readonly end: number
  readonly problem: string | null
}

/** An object from its first bracket. */
function scanObject(text: string, start: number, mayHaveItems: boolean): Scanned {
  let open = '{'
  let end = start + 1
  for (; open !== ''; end++) {
    end = endOf(NO_BRACKET, text, end) ?? end
    const char = text.charAt(end)
    const level = open.at(-1) as '{' | '['
    if (char === '' || char === '"') {
      end = endOf(INCOMPLETE_STRING, text, end) ?? end
      return { end, problem: end === text.length ? ENDS_EARLY : NOT_JSON }
    }
    if (char === ']' || char === '}') {
      if (level !== (char === ']' ? '[' : '{')) return { end, problem: NOT_JSON }
      open = open.slice(0, -1)
    } else {
      if (endOf(VALUE[level], text, end) === null) return { end, problem: NOT_JSON }
      if (open.length === DEPTH_LIMIT) return { end, problem: TOO_DEEP }
      const hasItems = mayHaveItems && open === '{' && endOf(LOGS, text, end) !== null
      if (hasItems) return { end: end + 1, problem: HAS_ITEMS }
      open += char
    }
  }
  return { end, problem: null }
}

/** Where the match that begins at `at` ends; `null` if there is none. */
function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}

type ReadItem = { readonly value: unknown } | { readonly problem: string }

/** Valid, but not an item: the rest of an object with `logs`, or one whose `logs` are null. */
const REST: ReadItem = { value: null }

function readItem(text: string): ReadItem {
  if (text.length > ITEM_LIMIT) return { problem: TOO_LARGE }
  const bytes = Buffer.from(text, 'latin1')
  if (!isUtf8(bytes)) return { problem: 'not valid UTF-8' }
  try {
    const value = JSON.parse(bytes.toString())
    // Scaleway's API may write an empty list as null.
    return value.logs === null ? REST : { value }
  } catch {
    return { problem: NOT_JSON }
  }
}
