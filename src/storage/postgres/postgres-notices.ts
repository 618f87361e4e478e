// Wakes subscribers when any process has added events: by NOTIFY if notifications arrive, otherwise by a timer.

import { watchArrivals } from '../arrival-watch.ts'
import type { IntakeDialect } from '../database.ts'
import { sql } from '../drizzle.ts'

const CHANNEL = 'iam_logs_arrivals'

/** Names no table, so that a Citus coordinator, to which the listeners are connected, runs it itself. */
export const wake: IntakeDialect['wake'] = async session => {
  await session.run(sql`SELECT pg_notify(${CHANNEL}, '')`)
}

/** In milliseconds: wakes all subscribers in case a notification was lost; more often while none can arrive. */
const WAKE_EVERY = 30_000
const WAKE_DEAF_EVERY = 2_000

interface Listening {
  /** False until notifications are known to arrive. */
  hears(): boolean
  end(): Promise<void>
}

/** Calls back after each NOTIFY on the channel, and whenever some may have been missed. */
export type Listen = (channel: string, heard: () => void) => Listening

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
