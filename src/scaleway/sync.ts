// Keeps the archive up to date with one Organization: its log, its directory, and who is Scaleway in it.

import type { Instant } from '../instant.ts'
import type { AuditStore, Clock } from '../store.ts'
import { type ScalewayClient, ScalewayError } from './client.ts'
import { detectScaleway } from './detect-scaleway.ts'
import { type DirectorySync, syncDirectory } from './sync-directory.ts'
import {
  type EventReport,
  type EventSync,
  type EventSyncOptions,
  syncEvents,
} from './sync-events.ts'

export type SyncReport = EventReport

export interface SyncOptions {
  readonly client: ScalewayClient
  readonly store: AuditStore
  readonly organizationId: string
  readonly report: SyncReport
  readonly clock: Clock
  /** Whether to read all there is: otherwise the directory only where new events changed it, and no old windows. */
  readonly thorough: boolean
  readonly windowEvents?: NonNullable<EventSyncOptions['windowEvents']>
}

export interface SyncSummary {
  /** Events that were not in the archive, and that were. */
  readonly added: number
  readonly known: number
  /** Directory entries that are new or changed, and that are gone. */
  readonly written: number
  readonly removed: number
  /** Stretches of the log that the next run must read again. */
  readonly unsettled: number
  /** Lists the API key may not read. */
  readonly forbidden: number
  /** The principal ID that was learned to be Scaleway in this run or again; `null`: none. */
  readonly scalewayId: string | null
  /** In microseconds. */
  readonly took: Instant
}

/**
 * May be cut off anywhere and begun again: what is in the archive is true at any time. Rejects with the
 * ScalewayRefusal that forbids the log, after the directory was read as far as it may be; with the
 * ScalewayUnavailable that kept it from the directory, after the log was read; otherwise as the client.
 */
export async function syncOrganization(options: SyncOptions): Promise<SyncSummary> {
  const { client, store, organizationId, report, clock, thorough } = options
  const startedAt = clock()
  // At first the directory, so that the log has names while all of it is read.
  const first = (await store.readWindows(organizationId)).length === 0
  let directory = first ? await readDirectory() : null
  let events: EventSync | null = null
  let refusal: unknown = null
  try {
    events = await syncEvents(client, store, organizationId, report, options)
  } catch (error) {
    if (!(error instanceof ScalewayError && error.code === 'FORBIDDEN')) throw error
    refusal = error
  }
  const touched = events?.touchesDirectory === true && !first
  if (directory === null && (thorough || touched)) directory = await readDirectory()
  const scalewayId =
    directory === null ? null : await detectScaleway(store, organizationId, directory.groups)
  if (refusal !== null || events === null) throw refusal
  if (directory?.unavailable) throw directory.unavailable
  return {
    added: events.added,
    known: events.known,
    written: directory?.written ?? 0,
    removed: directory?.removed ?? 0,
    unsettled: events.unsettled,
    forbidden: directory?.forbidden.length ?? 0,
    scalewayId,
    took: clock() - startedAt,
  }

  function readDirectory(): Promise<DirectorySync> {
    return syncDirectory(client, store, organizationId, line => report.note(line))
  }
}
