// Readiness for orchestrators and monitoring. Only the database decides: an archive that is behind Scaleway can still
// be queried, and taking every server out of its load balancer would turn a delay into an outage. It needs no token, so
// it names no Organization.

import { setTimeout } from 'node:timers/promises'
import { type Coverage, isStale } from '../../coverage.ts'
import { Unavailable } from '../../errors.ts'
import { formatInstant, type Instant } from '../../instant.ts'
import type { AuditStore } from '../../store.ts'

/** Sent with 200 if ready, otherwise with 503. */
export interface Readiness {
  readonly status: 'ready' | 'not ready'
  readonly database: 'ok' | 'does not answer'
  readonly sync: Sync | { readonly state: 'unknown' }
}

/** The results of the sync that this server runs itself. */
export interface SyncRuns {
  readonly done: number
  readonly failed: number
  /** The first failure since the last success; `null` if there is none. */
  readonly failingSince: Instant | null
}

/** The worst values over all Organizations that were ever synced. */
interface Sync {
  /** `failing`: the last run failed; `stale`: no run in any process succeeded for an hour. */
  readonly state: 'never' | 'fresh' | 'failing' | 'stale'
  readonly lastSyncedAt: string | null
  readonly completeUntil: string | null
  /** The number of date ranges that could not be read. */
  readonly gaps: number
  /** Only if the last run failed. */
  readonly failingSince?: string
}

/** Milliseconds for the database; orchestrators do not wait longer either. */
const DATABASE_TIMEOUT = 2_000

/** Never rejects; `report` gets the error of the database. */
export async function readiness(
  store: AuditStore,
  now: Instant,
  runs: SyncRuns | null,
  report: (error: unknown) => void,
): Promise<Readiness> {
  try {
    const coverages = await Promise.race([coveragesOf(store, report), late()])
    const sync = coverages && syncOf(coverages, now, runs?.failingSince ?? null)
    return { status: 'ready', database: 'ok', sync: sync ?? { state: 'unknown' } }
  } catch (error) {
    report(error)
    return { status: 'not ready', database: 'does not answer', sync: { state: 'unknown' } }
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

function syncOf(coverages: readonly Coverage[], now: Instant, failingSince: Instant | null): Sync {
  const synced = coverages.filter(({ lastSyncedAt }) => lastSyncedAt !== null)
  const stale = synced.some(coverage => isStale(coverage, now))
  const failing = failingSince !== null
  return {
    state: stale ? 'stale' : failing ? 'failing' : synced.length === 0 ? 'never' : 'fresh',
    lastSyncedAt: earliest(synced.map(({ lastSyncedAt }) => lastSyncedAt)),
    completeUntil: earliest(synced.map(({ completeUntil }) => completeUntil)),
    gaps: synced.flatMap(({ gaps }) => gaps).length,
    ...(failing && { failingSince: formatInstant(failingSince) }),
  }
}

/** The earliest; `null` counts as earlier than any date. `null` for an empty list. */
function earliest(instants: readonly (Instant | null)[]): string | null {
  const known = instants.filter(instant => instant !== null)
  if (known.length === 0 || known.length < instants.length) return null
  return formatInstant(Math.min(...known))
}
