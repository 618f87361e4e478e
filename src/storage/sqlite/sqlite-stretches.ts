// Splits a range of dates into stretches of a few thousand events, and lets others run between them: a read from SQLite
// blocks the whole process until the statement has ended.

import { yieldToEventLoop } from '../../event-loop.ts'
import type { Dialect } from '../database.ts'
import { sql } from '../drizzle.ts'
import { ALWAYS, type EventRange, narrowed } from '../event-range.ts'

/** The maximum number of events scanned by one statement; that takes a few milliseconds. */
const AT_ONCE = 3_000

/** The maximum time that others wait, in milliseconds, in addition to the rest of the current statement. */
const TURN = 15

/** See `Dialect.turns`. */
export function turnByTurn(): () => Promise<void> | undefined {
  let began = performance.now()
  return () => {
    if (performance.now() - began <= TURN) return undefined
    return yieldToEventLoop('answers').then(() => {
      began = performance.now()
    })
  }
}

export const stretchesOf: Dialect['stretches'] = async function* ({
  range,
  newestFirst,
  density,
  wanted,
  candidates,
  reads,
}) {
  if (candidates === null || density === 0) {
    yield range
    return
  }
  const count = async (stretch: EventRange) => {
    const found = sql`SELECT count(*) FROM (SELECT 1 FROM (${candidates(stretch)}) LIMIT ${AT_ONCE + 1})`
    return (await reads.rows<[number]>(found))[0]?.[0] ?? 0
  }
  let { low, high } = range
  // Four times the width that the wanted events would take if they were spread evenly.
  let width = Math.ceil(density * Math.min(4 * wanted, AT_ONCE / 2))
  const turn = turnByTurn()
  while (low <= high) {
    const stretch = narrowed(
      range,
      newestFirst ? { low: high - width, high } : { low, high: low + width },
    )
    const events = await count(stretch)
    if (events > AT_ONCE && width > 0) {
      width = Math.floor(width / 2)
      continue
    }
    if (events > 0) yield stretch
    if (newestFirst) high = stretch.low - 1
    else low = stretch.high + 1
    if (events < AT_ONCE / 2)
      width = Math.min(width * (events < AT_ONCE / 8 ? 8 : 2) + 1, ALWAYS.high)
    await turn()
  }
}
