// Readiness for orchestrators and monitoring. Only the database decides: an archive that is behind Scaleway can still
// be queried, and taking every server out of its load balancer would turn a delay into an outage. It needs no token, so
// it names no Organization.

import { setTimeout } from 'node:timers/promises'
import { type Coverage, isStale } from '../../coverage.ts'
import { Unavailable } from '../../errors.ts'
import { formatInstant, type Instant } from '../../instant.ts'
import type { AuditStore } from '../../store.ts'

/** The results of the sync that this server runs itself. */
export interface SyncRuns {
  readonly done: number
  readonly failed: number
  /** The first failure since the last success; `null` if there is none. */
  readonly failingSince: Instant | null
}

/** Milliseconds for the database; orchestrators do not wait longer either. */
const DATABASE_TIMEOUT = 2_000

const UNKNOWN = { state: 'unknown' } as const

/** Sent with 200 if ready, otherwise with 503. Never rejects; `report` gets the error of the database. */
export async function readiness(
  store: AuditStore,
  now: Instant,
  runs: SyncRuns | null,
  report: (error: unknown) => void,
) {
  try {
    const coverages = await Promise.race([coveragesOf(store, report), late()])
    const sync = coverages && syncOf(coverages, now, runs?.failingSince ?? null)
    return { status: 'ready', database: 'ok', sync: sync ?? UNKNOWN } as const
  } catch (error) {
    report(error)
    return { status: 'not ready', database: 'does not answer', sync: UNKNOWN } as const
  }
}

/** Rejects if the database does not work; `null` if only a part of it is unavailable: the rest can still be read. */
async function coveragesOf(
  store: AuditStore,
  report: (error: unknown) => void,
): Promise<readonly Coverage[] | null> {
  await store.check()
  try {
    return await store.coverages()
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    report(error)
    return null
  }
}

async function late(): Promise<never> {
  await setTimeout(DATABASE_TIMEOUT, undefined, { ref: false })
  throw new Error(`the database did not respond within ${DATABASE_TIMEOUT / 1000} s`)
}

/** `failing`: the last run failed; `stale`: no run in any process succeeded for an hour. */
type SyncState = 'never' | 'fresh' | 'failing' | 'stale'

/** The worst values over all Organizations that were ever synced. */
function syncOf(coverages: readonly Coverage[], now: Instant, failingSince: Instant | null) {
  const synced = coverages.filter(({ lastSyncedAt }) => lastSyncedAt !== null)
  const stale = synced.some(coverage => isStale(coverage, now))
  const failing = failingSince !== null
  const ofRuns: SyncState = failing ? 'failing' : synced.length === 0 ? 'never' : 'fresh'
  return {
    state: stale ? ('stale' as const) : ofRuns,
    lastSyncedAt: earliest(synced.map(({ lastSyncedAt }) => lastSyncedAt)),
    completeUntil: earliest(synced.map(({ completeUntil }) => completeUntil)),
    /** The number of date ranges that could not be read. */
    gaps: synced.flatMap(({ gaps }) => gaps).length,
    ...(failing && { failingSince: formatInstant(failingSince) }),
  }
}

/** The earliest; `null` counts as earlier than any date. `null` for an empty list. */
function earliest(instants: readonly (Instant | null)[]): string | null {
  const least = Math.min(...instants.map(instant => instant ?? -Infinity))
  return Number.isFinite(least) ? formatInstant(least) : null
}
