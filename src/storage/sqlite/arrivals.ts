// Wakes who follows the log, in whichever process events were taken in: by looking whether anyone has written.

import type { ArrivalWatch } from '../database.ts'

/** In milliseconds. */
const LOOK_EVERY = 250

/** One for all who wait, and one timer, which begins with the first of them. `version` changes with each write. */
export function watchArrivals(version: () => unknown): ArrivalWatch & { end(): void } {
  let waiting = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  let seen: unknown

  function came(): void {
    waiting.resolve()
    waiting = Promise.withResolvers()
  }

  function look(): void {
    const now = version()
    if (now !== seen) came()
    seen = now
  }

  return {
    next() {
      if (timer === undefined) {
        seen = version()
        timer = setInterval(look, LOOK_EVERY).unref()
      }
      return waiting.promise
    },
    came,
    end() {
      clearInterval(timer)
      came()
    },
  }
}
