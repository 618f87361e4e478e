// How much each may ask in a time: a bucket of points that fills up again. Kept by each process for itself, for as
// many as asked last; who was not seen for a while has a full bucket anyway.

import type { Reply } from './exchange.ts'
import { refusal } from './refusal.ts'

/** What every request costs besides what it asks for. */
export const POINTS_OF_REQUEST = 5

export interface Rate {
  /** Points a second; 0: no limit. */
  readonly perSecond: number
  /** The most that may be saved up. */
  readonly burst: number
}

export interface Rates {
  /** Takes points out. Where there are not enough, takes none, and tells after how many seconds there will be. */
  spend(who: string, points: number): number | null
}

/** So many buckets; each takes about a hundred bytes. */
const MOST_KEPT = 10_000

/** `clock` in milliseconds. */
export function createRates(
  { perSecond, burst }: Rate,
  clock: () => number = () => performance.now(),
): Rates {
  const buckets = new Map<string, { points: number; at: number }>()
  return {
    spend(who, points) {
      if (perSecond === 0) return null
      const now = clock()
      let bucket = buckets.get(who)
      if (bucket === undefined) {
        if (buckets.size >= MOST_KEPT) buckets.delete(buckets.keys().next().value ?? '')
        bucket = { points: burst, at: now }
        buckets.set(who, bucket)
      }
      bucket.points = Math.min(burst, bucket.points + ((now - bucket.at) / 1000) * perSecond)
      bucket.at = now
      // What is dearer than a full bucket is let through when it is full, or it never would be.
      const due = Math.min(points, burst)
      if (bucket.points < due) return Math.ceil((due - bucket.points) / perSecond)
      bucket.points -= due
      return null
    },
  }
}

/** The answer to a viewer who has to wait. */
export function tooFast(seconds: number): Reply {
  return refusal(
    429,
    'LIMIT_EXCEEDED',
    `this token asks faster than it may; go on after ${seconds} s`,
    { 'retry-after': String(seconds) },
  )
}
