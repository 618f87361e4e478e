// Syncs one Organization: its log, its directory, and Scaleway's principal ID.

import type { Instant } from '../instant.ts'
import type { Appended, DirectoryChanges } from '../store.ts'
import { ScalewayError } from './client.ts'
import { detectScaleway } from './detect-scaleway.ts'
import { syncDirectory } from './sync-directory.ts'
import { type EventSync, type SyncOptions, syncEvents } from './sync-events.ts'

export type { SyncOptions, SyncReport } from './sync-events.ts'

export interface SyncSummary extends Appended, DirectoryChanges {
  /** Windows that the next run must read again. */
  readonly unsettled: number
  /** The number of lists that the API key may not read. */
  readonly forbidden: number
  /** The principal ID that was detected as Scaleway; `null`: not detected. */
  readonly scalewayId: string | null
  /** Microseconds. */
  readonly took: Instant
}

/**
 * May be aborted anywhere and started again: the archive is consistent at any time. Rejects with the `ScalewayError`
 * that forbids the log, after reading the directory; with the `ScalewayUnavailable` of the directory, after reading the
 * log; otherwise like the client.
 */
export async function syncOrganization(options: SyncOptions): Promise<SyncSummary> {
  const { store, organizationId, clock, thorough } = options
  const startedAt = clock()
  // On the first run the directory comes first, so that events have names while the log is read.
  const isFirst = (await store.readWindows(organizationId)).length === 0
  let directory = isFirst ? await syncDirectory(options) : null
  let events: EventSync | null = null
  let refusal: unknown = null
  try {
    events = await syncEvents(options)
  } catch (error) {
    if (!(error instanceof ScalewayError && error.code === 'FORBIDDEN')) throw error
    refusal = error
  }
  const touched = events?.touchesDirectory === true && !isFirst
  if (directory === null && (thorough || touched)) directory = await syncDirectory(options)
  const { written = 0, removed = 0, forbidden = 0, groups = null, unavailable } = directory ?? {}
  const scalewayId = groups === null ? null : await detectScaleway(store, organizationId, groups)
  if (refusal !== null || events === null) throw refusal
  if (unavailable) throw unavailable
  return { ...events, written, removed, forbidden, scalewayId, took: clock() - startedAt }
}
