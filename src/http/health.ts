// Whether the server can answer, for who starts and watches it. It needs no token, so it names no
// Organization: only how far, taken together, the archive is behind Scaleway.

import { type Coverage, isStale } from '../coverage.ts'
import { formatInstant, type Instant } from '../instant.ts'
import type { AuditStore } from '../store.ts'

export interface Readiness {
  readonly status: 'ready'
  readonly database: 'ok'
  readonly sync: Sync
}

export const NOT_READY = { status: 'not ready', database: 'does not answer' } as const

/** Of the Organizations that were ever synced, those that are furthest behind. An archive that is stale answers. */
interface Sync {
  readonly state: 'never' | 'fresh' | 'stale'
  readonly lastSyncedAt: string | null
  readonly completeUntil: string | null
  /** How many stretches were not read. */
  readonly gaps: number
}

/** Throws when the database does not answer. */
export async function readiness(store: AuditStore, now: Instant): Promise<Readiness> {
  await store.check()
  return { status: 'ready', database: 'ok', sync: syncOf(await store.coverages(), now) }
}

function syncOf(coverages: readonly Coverage[], now: Instant): Sync {
  const synced = coverages.filter(({ lastSyncedAt }) => lastSyncedAt !== null)
  const stale = synced.some(coverage => isStale(coverage, now))
  return {
    state: synced.length === 0 ? 'never' : stale ? 'stale' : 'fresh',
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
