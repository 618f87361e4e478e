// Wakes who follows the log, in whichever process events were taken in: by NOTIFY where it is heard, and else by looking.

import type { ArrivalWatch, IntakeDialect } from '../database.ts'
import { sql } from '../drizzle.ts'

const CHANNEL = 'iam_logs_arrivals'

/** Without a table, so that a distributed PostgreSQL runs it where who listens is connected. */
export const wake: IntakeDialect['wake'] = async session => {
  await session.run(sql`SELECT pg_notify(${CHANNEL}, '')`)
}

/** In milliseconds: wakes everyone for no reason, in case a notice went astray; and soon where none would be heard. */
const WAKE_EVERY = 30_000
const WAKE_DEAF_EVERY = 2_000

export interface Listening {
  /** False while nothing would be heard. */
  hears(): boolean
  end(): Promise<void>
}

/** Calls back after each NOTIFY on the channel, and whenever some may have been missed. */
export type Listen = (channel: string, heard: () => void) => Listening

/** One for all who wait; listens from the first of them on. */
export function watchArrivals(listen: Listen): ArrivalWatch & { end(): Promise<void> } {
  let waiting = Promise.withResolvers<void>()
  let listening: Listening | undefined
  let timer: NodeJS.Timeout | undefined
  let woken = 0

  function came(): void {
    woken = Date.now()
    waiting.resolve()
    waiting = Promise.withResolvers()
  }

  function look(): void {
    const every = listening?.hears() === true ? WAKE_EVERY : WAKE_DEAF_EVERY
    if (Date.now() - woken >= every) came()
  }

  return {
    next() {
      if (listening === undefined) {
        listening = listen(CHANNEL, came)
        timer = setInterval(look, WAKE_DEAF_EVERY).unref()
      }
      return waiting.promise
    },
    came,
    async end() {
      clearInterval(timer)
      await listening?.end()
      came()
    },
  }
}
