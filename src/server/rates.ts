// How much each may ask in a time: a bucket of points that fills up again. Kept by each process for itself, for as
// many as asked last; who was not seen for a while has a full bucket anyway.

import { setTimeout } from 'node:timers/promises'
import { HttpError } from './http-error.ts'

/** What every request costs besides what it asks for. */
export const POINTS_OF_REQUEST = 5

export interface Rate {
  /** Points a second; 0: no limit. */
  readonly perSecond: number
  /** The most that may be saved up. */
  readonly burst: number
}

export interface Rates {
  /** Takes points out, or none, and refuses, where there are not enough. `paid`: for the same request before, which counts as one. */
  charge(who: string, points: number, paid?: number): void
  /** Takes them out of what there is, or will be: for what is done already. */
  owe(who: string, points: number): void
  /** As `charge`, but resolves when it was paid: for what lasts, which others pay for meanwhile, too. */
  wait(who: string, points: number): Promise<void>
  /** Whether less than half of what may be saved up is left. */
  isLow(who: string): boolean
}

/** So many buckets; each takes about a hundred bytes. */
const MOST_KEPT = 10_000

/** `refusal`: what is said to who has to wait for so many seconds. */
export function createRates({ perSecond, burst }: Rate, refusal = tooFast): Rates {
  const buckets = new Map<string, { points: number; at: number }>()

  function filled(who: string): { points: number } {
    const now = performance.now()
    let bucket = buckets.get(who)
    if (bucket === undefined) {
      if (buckets.size >= MOST_KEPT) buckets.delete(buckets.keys().next().value ?? '')
      bucket = { points: burst, at: now }
      buckets.set(who, bucket)
    }
    bucket.points = Math.min(burst, bucket.points + ((now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    return bucket
  }

  function spend(who: string, points: number, paid = 0): number | null {
    if (perSecond === 0) return null
    const bucket = filled(who)
    // What is dearer than a full bucket is let through when it is full, or it never would be.
    const due = Math.min(points + paid, burst) - Math.min(paid, burst)
    if (bucket.points < due) return Math.ceil((due - bucket.points) / perSecond)
    bucket.points -= due
    return null
  }

  return {
    charge(who, points, paid) {
      const wait = spend(who, points, paid)
      if (wait !== null) throw refusal(wait)
    },
    owe(who, points) {
      if (perSecond !== 0) filled(who).points -= Math.min(points, burst)
    },
    async wait(who, points) {
      for (let wait = spend(who, points); wait !== null; wait = spend(who, points)) {
        await setTimeout(wait * 1000, undefined, { ref: false })
      }
    },
    isLow: who => perSecond !== 0 && filled(who).points < burst / 2,
  }
}

function tooFast(seconds: number): HttpError {
  return new HttpError(429, `this token asks faster than it may; go on after ${seconds} s`, {
    headers: { 'retry-after': String(seconds) },
  })
}
