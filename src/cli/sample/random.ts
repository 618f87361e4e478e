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
const HEX_DIGITS = Buffer.from('0123456789abcdef', 'latin1')
const HYPHEN = 0x2d
const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
const PAIRS = ALPHABET.flatMap(first => ALPHABET.map(second => first + second))

/** `seed` counts modulo 2^32. */
export function random(seed: number): Random {
  const generator = xoroshiro128plus(seed | 0)
  // The first numbers of neighbouring seeds resemble each other.
  for (let skipped = 0; skipped < 32; skipped += 1) generator.next()

  const bytes = Buffer.alloc(16)
  const text = Buffer.alloc(36)

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
      for (let place = 0; place < 16; place += 4) bytes.writeInt32BE(generator.next(), place)
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
      return uuidText(bytes, text)
    },
    accessKey() {
      let text = 'SCW'
      for (let pair = 0; pair < 8; pair += 1) text += PAIRS[below(PAIRS.length)]
      return text + pick(ALPHABET)
    },
  }
}

/** Written into one buffer and read out once: strings put together of pieces would keep all their pieces. */
function uuidText(bytes: Buffer, text: Buffer): string {
  let end = 0
  for (let place = 0; place < 16; place += 1) {
    if (place === 4 || place === 6 || place === 8 || place === 10) {
      text[end] = HYPHEN
      end += 1
    }
    const byte = bytes[place] ?? 0
    text[end] = HEX_DIGITS[byte >>> 4] ?? 0
    text[end + 1] = HEX_DIGITS[byte & 15] ?? 0
    end += 2
  }
  return text.toString('latin1')
}
