// Random numbers for the sample history: one seeded generator and the few draws the history needs. Must not be used for
// anything secret.

import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export type Random = ReturnType<typeof random>

const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']

/** Draws that are the same for the same seed, which counts modulo 2^32. */
export function random(seed: number) {
  const generator = xoroshiro128plus(seed | 0)
  // The first numbers of adjacent seeds are similar.
  for (let skipped = 0; skipped < 32; skipped += 1) generator.next()
  const bytes = Buffer.alloc(16)

  /** From 0 (included) to 1 (excluded). */
  const fraction = () => (generator.next() >>> 0) / 2 ** 32
  const below = (limit: number) => Math.floor(fraction() * limit)
  const pick = <T>(items: readonly T[]) => items[below(items.length)] as T

  return {
    fraction,
    below,
    /** A random item of a list that is not empty. */
    pick,
    /** Both bounds included. */
    between: (least: number, most: number) => least + below(most - least + 1),
    chance: (probability: number) => fraction() < probability,
    /** Version 4, in lower case. */
    uuid() {
      for (let place = 0; place < 16; place += 4) bytes.writeInt32BE(generator.next(), place)
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
      const hex = bytes.toString('hex')
      const ends = [8, 12, 16, 20, 32]
      return ends.map((end, at) => hex.slice(ends[at - 1] ?? 0, end)).join('-')
    },
    /** In the form of Scaleway's access keys. */
    accessKey: () => `SCW${Array.from({ length: 17 }, () => pick(ALPHABET)).join('')}`,
  }
}
