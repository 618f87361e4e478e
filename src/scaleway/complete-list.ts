// Reads all pages of a list with offset pagination. Pages shift when items are added or removed, and items of equal
// dates may change places between two requests: so the items are counted, and the list is read again until the count
// agrees with Scaleway's total.

import type { Page } from './client.ts'
import { isObject } from './fields.ts'
import { PAGE_SIZE } from './lists.ts'
import { ScalewayUnavailable } from './retry.ts'

export interface CompleteList {
  /** Each item once, in its last state, in the order in which they were first read. */
  readonly items: readonly unknown[]
  /** Whether these are all; otherwise the list kept changing, and some may be missing. */
  readonly settled: boolean
}

/** How often a list is read until it counts as not settled. */
const MAX_PASSES = 4

/** How often a page is requested if its length contradicts its total. */
const MAX_REQUESTS = 3

/** Limits of one list, which is kept in memory: larger than any Organization's, against broken or hostile servers. */
const MAX_ITEMS = 200_000
const MAX_MEBIBYTES = 128
/** Milliseconds. */
export const MAX_DURATION = 3_600_000

export interface Reading {
  /** The name of the list, for messages. */
  readonly what: string
  /** See `ScalewayClient`. */
  readonly received?: () => number
  /** By `performance.now()`; after `MAX_DURATION` by default. */
  readonly deadline?: number
  readonly pageSize?: number
  readonly most?: number
  /** Reads lists of several pages at least twice, if a missing item must really have been removed. */
  readonly twice?: boolean
}

/**
 * Requests pages by `ask`, from 1, one after another. Returns `null` if there are more items than `most`. Rejects with
 * `ScalewayUnavailable` if the list exceeds the limits above.
 */
export async function readCompleteList(
  ask: (page: number) => Promise<Page>,
  reading: Reading,
): Promise<CompleteList | null> {
  const { what, pageSize = PAGE_SIZE, most = Infinity, twice = false } = reading
  const { received = () => 0, deadline = performance.now() + MAX_DURATION } = reading
  const items = new Map<string, unknown>()
  const complete = (settled: boolean) => ({ items: [...items.values()], settled })
  let shrankEver = false
  let total = 0

  for (let passes = 1; passes <= MAX_PASSES; passes++) {
    const seen = new Set<string>()
    const before = received()
    /** Whether an earlier page of this pass had a larger total. */
    let shrank = false
    /** Whether every page was as long as its total requires. */
    let consistent = true
    for (let number = 1, isLast = false; !isLast; number++) {
      const page = await consistentPage(number)
      if (page.total > most) return null
      check(page.total, received() - before)
      if (page.total < total) {
        shrankEver = true
        shrank ||= number > 1
      }
      total = page.total
      for (const item of page.items) {
        const key = identityOf(item)
        seen.add(key)
        items.set(key, item)
      }
      consistent &&= page.items.length === lengthOf(number, total)
      isLast = page.items.length < pageSize || number * pageSize >= total
    }
    // `items` also contains items that were removed meanwhile, so counts prove something only if the total did not
    // shrink.
    const isComplete = seen.size >= total && !shrank
    const areComplete = items.size >= total && !shrankEver
    // An empty list is confirmed by a second pass. So are several pages: if one item was removed and one added between
    // two requests, a third is missing although the count is correct.
    if (passes === 1 && (total === 0 || (twice && total > pageSize))) continue
    if (consistent && (isComplete || areComplete)) return complete(true)
  }
  return complete(false)

  function check(items: number, bytes: number): void {
    const fault =
      items > MAX_ITEMS
        ? `has ${items.toLocaleString('en')} items according to Scaleway, more than the limit of ${MAX_ITEMS.toLocaleString('en')}`
        : bytes > MAX_MEBIBYTES * 2 ** 20
          ? `is longer than ${MAX_MEBIBYTES} MiB`
          : performance.now() > deadline
            ? 'was not read to its end within an hour'
            : null
    if (fault !== null) throw new ScalewayUnavailable(`${what} cannot be read: it ${fault}`)
  }

  /** Requests it again while its length contradicts its total. */
  async function consistentPage(number: number): Promise<Page> {
    for (let requests = 1; ; requests++) {
      const page = await ask(number)
      if (page.items.length === lengthOf(number, page.total) || requests === MAX_REQUESTS)
        return page
    }
  }

  function lengthOf(number: number, total: number): number {
    return Math.min(Math.max(total - (number - 1) * pageSize, 0), pageSize)
  }
}

/** Identifies an item, also an invalid one. */
export function identityOf(item: unknown): string {
  const { id, access_key: accessKey } = isObject(item) ? item : {}
  const key = id ?? accessKey
  return typeof key === 'string' ? key : JSON.stringify(item)
}
