// Many rows in one statement: going in and out of SQLite once for each row costs as much as what is done with it.

import type { Bound } from './event-query.ts'

/** So many rows are in one statement; of what is left at the end, fewer. */
const SIZES = [64, 8, 1] as const
const MOST = SIZES[0]

/** The texts of a statement for each number of rows. */
export type ManyTexts = ReadonlyMap<number, string>

/** A statement whose rows are all written alike: `before`, the rows with commas between, `after`. */
export function manyTexts(before: string, row: string, after = ''): ManyTexts {
  return new Map(
    SIZES.map(size => [size, `${before} ${new Array(size).fill(row).join(',')} ${after}`]),
  )
}

/**
 * Does something with rows that are given value by value, in their order, many at a time. `work` gets the
 * number of the first row it is given, counted from 0, and how many they are.
 */
export class ManyRows {
  readonly #texts: ManyTexts
  readonly #work: (text: string, values: readonly Bound[], first: number, rows: number) => void
  /** A row's own 16 bytes, so that none is made for each. */
  readonly #bytes = Array.from({ length: MOST }, () => Buffer.alloc(16))
  #values: Bound[] = []
  #rows = 0
  #done = 0

  constructor(
    texts: ManyTexts,
    work: (text: string, values: readonly Bound[], first: number, rows: number) => void,
  ) {
    this.#texts = texts
    this.#work = work
  }

  value(value: Bound): void {
    this.#values.push(value)
  }

  /** The 16 bytes from `at` on, as a value; one of them a row. */
  bytes(source: Uint8Array, at: number): void {
    const own = this.#bytes[this.#rows] as Buffer
    for (let byte = 0; byte < 16; byte++) own[byte] = source[at + byte] as number
    this.#values.push(own)
  }

  /** The row at hand has all its values. */
  end(): void {
    if (++this.#rows < MOST) return
    this.#do(MOST, this.#values)
    this.#values.length = 0
    this.#rows = 0
  }

  /** Does what is left. */
  finish(): void {
    const values = this.#values
    const width = values.length / this.#rows
    for (let from = 0; from < values.length; ) {
      const size = SIZES.find(size => size * width <= values.length - from) ?? 1
      this.#do(size, values.slice(from, from + size * width))
      from += size * width
    }
    values.length = 0
    this.#rows = 0
  }

  #do(size: number, values: readonly Bound[]): void {
    const text = this.#texts.get(size)
    if (text === undefined) throw new Error(`no statement for ${size} rows`)
    this.#work(text, values, this.#done, size)
    this.#done += size
  }
}
