// Whether the server can answer, for who starts and watches it; the database and sync apart. Only the database
// decides: an archive that is behind Scaleway still answers, and taking every server out of its balancer for that
// would make a delay an outage. It needs no token, so it names no Organization.

import { type Coverage, isStale } from '../../coverage.ts'
import { Unavailable } from '../../errors.ts'
import { formatInstant, type Instant } from '../../instant.ts'
import type { AuditStore } from '../../store.ts'

/** With 200 where it is ready, otherwise with 503. */
export interface Readiness {
  readonly status: 'ready' | 'not ready'
  readonly database: 'ok' | 'does not answer'
  readonly sync: Sync | { readonly state: 'unknown' }
}

/** How the runs of a sync went that this server runs itself. */
export interface SyncRuns {
  readonly done: number
  readonly failed: number
  /** Since when no run went well; `null` where the last one did, or none has ended. */
  readonly failingSince: Instant | null
}

/** Of the Organizations that were ever synced, those that are furthest behind. */
interface Sync {
  /** `failing`: the last run went wrong; `stale`: none went well for an hour, whoever runs it. */
  readonly state: 'never' | 'fresh' | 'failing' | 'stale'
  readonly lastSyncedAt: string | null
  readonly completeUntil: string | null
  /** How many stretches were not read. */
  readonly gaps: number
  /** There where the last run went wrong. */
  readonly failingSince?: string
}

/** How long the database may take, in milliseconds: who asks does not wait longer either. */
const PATIENCE = 2_000

/** Never rejects; `report` is told why the database does not answer. */
export async function readiness(
  store: AuditStore,
  now: Instant,
  runs: SyncRuns | null,
  report: (error: unknown) => void,
): Promise<Readiness> {
  try {
    const coverages = await inTime(async () => {
      await store.check()
      return coveragesOf(store, report)
    })
    const sync = coverages && syncOf(coverages, now, runs?.failingSince ?? null)
    return { status: 'ready', database: 'ok', sync: sync ?? { state: 'unknown' } }
  } catch (error) {
    report(error)
    return { status: 'not ready', database: 'does not answer', sync: { state: 'unknown' } }
  }
}

/** `null` where a part of the database is away: what is there is still answered from. */
async function coveragesOf(
  store: AuditStore,
  report: (error: unknown) => void,
): Promise<readonly Coverage[] | null> {
  try {
    return await store.coverages()
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    report(error)
    return null
  }
}

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`the database did not answer within ${PATIENCE / 1000} s`)
    timer = setTimeout(() => reject(error), PATIENCE)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}

function syncOf(coverages: readonly Coverage[], now: Instant, failingSince: Instant | null): Sync {
  const synced = coverages.filter(({ lastSyncedAt }) => lastSyncedAt !== null)
  const stale = synced.some(coverage => isStale(coverage, now))
  const failing = failingSince !== null
  return {
    state: stale ? 'stale' : failing ? 'failing' : synced.length === 0 ? 'never' : 'fresh',
    ...furthestBehind(synced),
    ...(failing && { failingSince: formatInstant(failingSince) }),
  }
}

function furthestBehind(synced: readonly Coverage[]) {
  return {
    lastSyncedAt: leastOf(synced.map(({ lastSyncedAt }) => lastSyncedAt)),
    completeUntil: leastOf(synced.map(({ completeUntil }) => completeUntil)),
    gaps: synced.reduce((sum, { gaps }) => sum + gaps.length, 0),
  }
}

/** `null`, which is before every date, where there is one among them, or nothing. */
function leastOf(instants: readonly (Instant | null)[]): string | null {
  const known = instants.filter(instant => instant !== null)
  if (known.length === 0 || known.length < instants.length) return null
  return formatInstant(Math.min(...known))
}
