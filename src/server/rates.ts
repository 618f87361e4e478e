// Rate limits by token buckets. Each process has its own, for the most recent clients; the buckets of others would be
// full again anyway.

import { setTimeout } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { HttpError } from './http-error.ts'

/** The base cost of every request. */
export const POINTS_OF_REQUEST = 5

export interface Rate {
  /** Points per second; 0: no limit. */
  readonly perSecond: number
  /** The maximum content of a bucket. */
  readonly burst: number
}

export type Rates = ReturnType<typeof createRates>

/** Each takes about a hundred bytes. */
const MAX_BUCKETS = 10_000

/** `refusal`: creates the error for a client that must wait this many seconds. */
export function createRates({ perSecond, burst }: Rate, refusal = tooFast) {
  const buckets = new LRUCache<string, { points: number; at: number }>({ max: MAX_BUCKETS })

  function filled(who: string): { points: number } {
    const now = performance.now()
    const bucket = buckets.get(who) ?? { points: burst, at: now }
    buckets.set(who, bucket)
    bucket.points = Math.min(burst, bucket.points + ((now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    return bucket
  }

  function spend(who: string, points: number, paid = 0): number | null {
    if (perSecond === 0) return null
    const bucket = filled(who)
    // A charge larger than a full bucket is allowed when the bucket is full; otherwise it would never be.
    const due = Math.min(points + paid, burst) - Math.min(paid, burst)
    if (bucket.points < due) return Math.ceil((due - bucket.points) / perSecond)
    bucket.points -= due
    return null
  }

  return {
    /** Takes points, or refuses if there are not enough. `paid`: what the same request has paid before. */
    charge(who: string, points: number, paid?: number): void {
      const wait = spend(who, points, paid)
      if (wait !== null) throw refusal(wait)
    },
    /** Takes points even if there are not enough, for work that is already done. */
    owe(who: string, points: number): void {
      if (perSecond !== 0) filled(who).points -= Math.min(points, burst)
    },
    /** Like `charge`, but waits until there are enough points; for streams. */
    async wait(who: string, points: number): Promise<void> {
      for (let wait = spend(who, points); wait !== null; wait = spend(who, points)) {
        await setTimeout(wait * 1000, undefined, { ref: false })
      }
    },
    /** Whether less than half of the burst is left. */
    isLow: (who: string) => perSecond !== 0 && filled(who).points < burst / 2,
  }
}

function tooFast(seconds: number): HttpError {
  const message = `this token has exceeded its rate limit; try again in ${seconds} s`
  return new HttpError(429, message, { retryAfter: seconds })
}
