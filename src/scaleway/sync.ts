// Syncs one Organization: its log, its directory, and Scaleway's principal ID.

import type { Instant } from '../instant.ts'
import type { Group } from '../principal.ts'
import type { Appended, AuditStore, DirectoryChanges } from '../store.ts'
import { visibilityOf } from '../visibility.ts'
import { ScalewayError } from './client.ts'
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

/** Scaleway documents no ID of its own, but that it creates these groups in every new Organization. */
const DEFAULT_GROUPS = ['Administrators', 'Editors', 'Billing Administrators']

/** Microseconds: Scaleway creates them together; a person who creates groups with these names takes longer. */
const MAX_INTERVAL = 3600 * 1_000_000

/**
 * The first principal that created at least two of the default groups together and is not in the directory; it is
 * stored in the archive. `null` if there is none, for example if the log begins later.
 */
async function detectScaleway(
  store: AuditStore,
  organizationId: string,
  groups: readonly Group[],
): Promise<string | null> {
  const names = new Map(
    groups.filter(({ name }) => DEFAULT_GROUPS.includes(name)).map(({ id, name }) => [id, name]),
  )
  if (names.size < 2) return null
  const memberships = [{ organizationId, owner: true, permissionSets: [] }]
  const reader = store.reader(visibilityOf({ id: 'sync', name: null, memberships }))
  const { events } = await reader.events({
    organizationId,
    filter: { resourceIds: [...names.keys()], actions: ['created'], categories: ['group'] },
    order: 'oldest-first',
    limit: 2 * names.size,
  })
  for (const [id, made] of Map.groupBy(events, event => event.principalId)) {
    const start = made[0]?.createdAt ?? 0
    const together = made.filter(event => event.createdAt - start <= MAX_INTERVAL)
    if (new Set(together.map(event => names.get(event.resourceId))).size < 2) continue
    if (reader.scalewayIds.always.has(id)) return null
    const [entry] = await reader.directory([{ organizationId, id }])
    if (entry != null && entry.kind !== 'scaleway') continue
    await store.updateDirectory({
      organizationId,
      kind: 'scaleway',
      entries: [{ kind: 'scaleway', organizationId, id, name: 'Scaleway' }],
      complete: true,
    })
    return id
  }
  return null
}
