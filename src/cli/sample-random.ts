// Chance for the sample history: one seeded generator behind the few draws the history needs. The draws
// are fast and even enough for a story; nothing secret may come from here.

import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A sequence of draws that is the same for the same seed. */
export interface Random {
  /** From 0, included, up to 1, excluded. */
  fraction(): number
  /** A whole number from 0, included, up to `limit`, excluded. */
  below(limit: number): number
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number
  chance(probability: number): boolean
  /** Any one of a list that is not empty. */
  pick<T>(items: readonly T[]): T
  /** A UUID of version 4, in lower case. */
  uuid(): string
  /** An API key's ID as Scaleway makes them: `SCW` and 17 of A–Z, 0–9. */
  accessKey(): string
}

const TWO_TO_32 = 4_294_967_296
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
const PAIRS = ALPHABET.flatMap(first => ALPHABET.map(second => first + second))

/** `seed` counts modulo 2^32. */
export function random(seed: number): Random {
  const generator = xoroshiro128plus(seed | 0)
  // The first numbers of neighbouring seeds resemble each other.
  for (let skipped = 0; skipped < 32; skipped += 1) generator.next()

  function fraction(): number {
    return (generator.next() >>> 0) / TWO_TO_32
  }

  function below(limit: number): number {
    return Math.floor(fraction() * limit)
  }

  function pick<T>(items: readonly T[]): T {
    return items[below(items.length)] as T
  }

  return {
    fraction,
    below,
    pick,
    between: (least, most) => least + below(most - least + 1),
    chance: probability => fraction() < probability,
    uuid() {
      const a = generator.next()
      const b = (generator.next() & 0xffff0fff) | 0x4000
      const c = (generator.next() & 0x3fffffff) | 0x80000000
      const d = generator.next()
      return `${hex(a)}-${hex(b >>> 16, 2)}-${hex(b, 2)}-${hex(c >>> 16, 2)}-${hex(c, 2)}${hex(d)}`
    },
    accessKey() {
      let text = 'SCW'
      for (let pair = 0; pair < 8; pair += 1) text += PAIRS[below(PAIRS.length)]
      return text + pick(ALPHABET)
    },
  }
}

/** The lowest `bytes` (2 or 4) bytes of a word as hexadecimal digits. */
function hex(word: number, bytes: 2 | 4 = 4): string {
  const low = `${HEX[(word >>> 8) & 255]}${HEX[word & 255]}`
  return bytes === 2 ? low : `${HEX[word >>> 24]}${HEX[(word >>> 16) & 255]}${low}`
}
