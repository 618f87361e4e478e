// Wakes who follows the log, in whichever process events were taken in: by NOTIFY where it is heard, and else by looking.

import { watchArrivals } from '../arrivals.ts'
import type { IntakeDialect } from '../database.ts'
import { sql } from '../drizzle.ts'

const CHANNEL = 'iam_logs_arrivals'

/** Without a table, so that a distributed PostgreSQL runs it where who listens is connected. */
export const wake: IntakeDialect['wake'] = async session => {
  await session.run(sql`SELECT pg_notify(${CHANNEL}, '')`)
}

/** In milliseconds: wakes everyone for no reason, in case a notice went astray; and soon where none would be heard. */
const WAKE_EVERY = 30_000
const WAKE_DEAF_EVERY = 2_000

interface Listening {
  /** False while nothing would be heard. */
  hears(): boolean
  end(): Promise<void>
}

/** Calls back after each NOTIFY on the channel, and whenever some may have been missed. */
export type Listen = (channel: string, heard: () => void) => Listening

/** By NOTIFY where it is heard, and else by looking. */
export function watchNotices(listen: Listen) {
  return watchArrivals(came => {
    let woken = Date.now()
    const wake = () => {
      woken = Date.now()
      came()
    }
    const listening = listen(CHANNEL, wake)
    const timer = setInterval(() => {
      const every = listening.hears() ? WAKE_EVERY : WAKE_DEAF_EVERY
      if (Date.now() - woken >= every) wake()
    }, WAKE_DEAF_EVERY).unref()
    return () => {
      clearInterval(timer)
      return listening.end()
    }
  })
}
