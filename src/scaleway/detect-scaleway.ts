// Which principal ID stands for Scaleway itself in an Organization. Scaleway documents none, but that it makes
// three groups in every new Organization itself: whoever made them is Scaleway.

import type { Group } from '../principal.ts'
import type { AuditStore } from '../store.ts'
import { visibilityOf } from '../visibility.ts'

const DEFAULT_GROUPS: ReadonlySet<string> = new Set([
  'Administrators',
  'Editors',
  'Billing Administrators',
])

/** They are made together; anyone else who makes groups of these names takes longer. In microseconds. */
const TOGETHER = 3600 * 1_000_000

/**
 * Who made at least two of the default groups together, the first to do so, and is nobody in the directory;
 * noted in the archive. `null` where that is nobody, as when the log begins later.
 */
export async function detectScaleway(
  store: AuditStore,
  organizationId: string,
  groups: readonly Group[],
): Promise<string | null> {
  const names = new Map(
    groups.filter(({ name }) => DEFAULT_GROUPS.has(name)).map(({ id, name }) => [id, name]),
  )
  if (names.size < 2) return null
  const memberships = [{ organizationId, owner: true, permissionSets: [] }]
  const reader = store.reader(visibilityOf({ id: 'sync', name: null, memberships }))
  const { events } = await reader.events({
    organizationId,
    filter: { resourceIds: [...names.keys()], actions: ['created'], categories: ['group'] },
    order: 'oldest-first',
    after: null,
    before: null,
    limit: 2 * names.size,
    fromEnd: false,
  })
  for (const [id, made] of Map.groupBy(events, event => event.principalId)) {
    const start = made[0]?.createdAt ?? 0
    const together = made.filter(event => event.createdAt - start <= TOGETHER)
    if (new Set(together.map(event => names.get(event.resourceId))).size < 2) continue
    if (reader.scalewayIds.always.has(id)) return null
    const [entry] = await reader.directory([{ organizationId, id }])
    if (entry != null && entry.kind !== 'scaleway') continue
    await store.describe({
      organizationId,
      kind: 'scaleway',
      entries: [{ kind: 'scaleway', organizationId, id, name: 'Scaleway' }],
      complete: true,
    })
    return id
  }
  return null
}
