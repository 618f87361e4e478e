// Reads a whole list that is served in pages by offset. Such pages shift when something is added or removed,
// and items of equal dates may change places between two pages: so what was read is counted against what
// Scaleway says there is, and read again until both agree.

import type { Page } from './client.ts'
import { ScalewayUnavailable } from './retry.ts'

export interface CompleteList {
  /** Each once, as last seen; in the order they were first seen. */
  readonly items: readonly unknown[]
  /** Whether these are all: otherwise the list would not hold still, and some may be missing. */
  readonly settled: boolean
}

/** So often a list is read before it counts as one that does not hold still. */
const MOST_PASSES = 4

/** So often a page is asked for whose length contradicts its total. */
const MOST_ASKS = 3

/** Of one list, which is held in memory; more than any Organization's, so that an answer that lies ends soon. */
const MOST_ITEMS = 200_000
const MOST_MEBIBYTES = 128
export const LONGEST = 3_600_000

interface Pass {
  readonly seen: ReadonlySet<string>
  /** Whether an earlier page of it had a larger total. */
  readonly shrank: boolean
  /** Whether every page was as long as its total says. */
  readonly consistent: boolean
}

export interface Reading {
  /** What is read, in words. */
  readonly what: string
  /** How many bytes came until now, of whatever list. */
  readonly received?: () => number
  /** When it is given up, by `performance.now()`; `LONGEST` milliseconds after it began unless said. */
  readonly deadline?: number
  readonly pageSize: number
  /** Tells items apart. */
  readonly keyOf: (item: unknown) => string
  readonly most?: number
  /** Whether absence is to prove something: then several pages are read twice, at least. */
  readonly twice?: boolean
}

/**
 * `ask` answers with a page, counting from 1. Pages are asked for one after another. `null` where there are
 * more items than `most`: then nothing was kept of them. Rejects with a ScalewayUnavailable where it is larger than any
 * list is, or never ends.
 */
export async function readCompleteList(
  ask: (page: number) => Promise<Page>,
  reading: Reading,
): Promise<CompleteList | null> {
  const { what, pageSize, keyOf, most = Number.POSITIVE_INFINITY, twice = false } = reading
  const { received = () => 0, deadline = performance.now() + LONGEST } = reading
  const items = new Map<string, unknown>()
  let shrankEver = false
  let total = 0

  async function pass(): Promise<Pass | null> {
    const seen = new Set<string>()
    const before = received()
    let shrank = false
    let consistent = true
    for (let number = 1; ; number++) {
      const page = await consistentPage(number)
      if (page.total > most) return null
      check(page.total, received() - before)
      const expected = lengthOf(number, page.total)
      if (number > 1 && page.total < total) shrank = true
      if (page.total < total) shrankEver = true
      total = page.total
      for (const item of page.items) {
        const key = keyOf(item)
        seen.add(key)
        items.set(key, item)
      }
      if (page.items.length !== expected) consistent = false
      if (page.items.length < pageSize || number * pageSize >= total) {
        return { seen, shrank, consistent }
      }
    }
  }

  function check(items: number, bytes: number): void {
    const fault =
      items > MOST_ITEMS
        ? `of ${items.toLocaleString('en')} items as Scaleway says, where ${MOST_ITEMS.toLocaleString('en')} are read at most`
        : bytes > MOST_MEBIBYTES * 2 ** 20
          ? `longer than ${MOST_MEBIBYTES} MiB`
          : performance.now() > deadline
            ? 'not at its end after an hour'
            : null
    if (fault !== null) throw new ScalewayUnavailable(`${what} cannot be read: it is ${fault}`)
  }

  /** As long as its total says, if asking again helps. */
  async function consistentPage(number: number): Promise<Page> {
    for (let asks = 1; ; asks++) {
      const page = await ask(number)
      if (page.items.length === lengthOf(number, page.total) || asks === MOST_ASKS) return page
    }
  }

  function lengthOf(number: number, total: number): number {
    return Math.min(Math.max(total - (number - 1) * pageSize, 0), pageSize)
  }

  for (let passes = 1; passes <= MOST_PASSES; passes++) {
    const done = await pass()
    if (done === null) return null
    const { seen, shrank, consistent } = done
    // What is gone by now was in `items` before; so they only prove something while nothing went.
    const whole = seen.size >= total && !shrank
    const together = items.size >= total && !shrankEver
    // An empty answer by mistake looks like an empty list; one does not come twice. And where one item goes
    // and one comes between two pages, another is passed over and no count tells.
    if (passes === 1 && (total === 0 || (twice && total > pageSize))) continue
    if (consistent && (whole || together)) return { items: [...items.values()], settled: true }
  }
  return { items: [...items.values()], settled: false }
}
