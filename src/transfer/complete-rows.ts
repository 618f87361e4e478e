// Finds the complete rows of an exported file that may be cut off anywhere, without keeping it in memory.

import type { ExportFormat } from './export-format.ts'

/** Byte offsets; `end` is excluded. */
export interface Span {
  readonly start: number
  readonly end: number
}

const NEWLINE = 0x0a
const QUOTE = 0x22

export class CompleteRows {
  /** Rows that end with a newline, the header among them. */
  rows = 0
  /** Their total length. */
  bytes = 0
  /** The first row after the header, and the last; `null`: none is complete. */
  first: Span | null = null
  last: Span | null = null

  readonly #headers: number
  readonly #quotes: boolean
  #inQuotes = false
  #at = 0

  constructor({ header, quotes }: Pick<ExportFormat, 'header' | 'quotes'>) {
    this.#headers = header === '' ? 0 : 1
    this.#quotes = quotes
  }

  get events(): number {
    return Math.max(0, this.rows - this.#headers)
  }

  push(chunk: Uint8Array): void {
    if (this.#quotes) {
      for (let at = 0; at < chunk.length; at++) {
        if (chunk[at] === QUOTE) this.#inQuotes = !this.#inQuotes
        else if (chunk[at] === NEWLINE && !this.#inQuotes) this.#end(at)
      }
    } else {
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
        this.#end(at)
      }
    }
    this.#at += chunk.length
  }

  #end(at: number): void {
    const row = { start: this.bytes, end: this.#at + at + 1 }
    this.rows++
    this.bytes = row.end
    if (this.rows <= this.#headers) return
    this.first ??= row
    this.last = row
  }
}
