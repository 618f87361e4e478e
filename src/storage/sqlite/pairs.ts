// Pairs of numbers that are sorted as one: by far faster than numbers, or objects, with a function to compare them.

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
const [LOW, HIGH] = LITTLE_ENDIAN ? [0, 1] : [1, 0]

/** A list of a fixed length; both numbers of a pair are whole, from 0 to 2^32 excluded. */
export class Pairs {
  readonly length: number
  readonly #whole: BigUint64Array
  readonly #halves: Uint32Array

  constructor(length: number) {
    this.length = length
    this.#whole = new BigUint64Array(length)
    this.#halves = new Uint32Array(this.#whole.buffer)
  }

  set(at: number, high: number, low: number): void {
    this.#halves[2 * at + HIGH] = high
    this.#halves[2 * at + LOW] = low
  }

  /** By the high number, then by the low one. */
  sort(): void {
    this.#whole.sort()
  }

  high(at: number): number {
    return this.#halves[2 * at + HIGH] as number
  }

  low(at: number): number {
    return this.#halves[2 * at + LOW] as number
  }
}
