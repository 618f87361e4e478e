// Detects the principal ID of Scaleway itself in an Organization. Scaleway does not document an ID, but documents that
// it creates three default groups in every new Organization: their creator is Scaleway.

import type { Group } from '../principal.ts'
import type { AuditStore } from '../store.ts'
import { visibilityOf } from '../visibility.ts'

const DEFAULT_GROUPS = ['Administrators', 'Editors', 'Billing Administrators']

/** Microseconds: Scaleway creates them together; a person who creates groups with these names takes longer. */
const MAX_INTERVAL = 3600 * 1_000_000

/**
 * The first principal that created at least two of the default groups together and is not in the directory; it is
 * stored in the archive. `null` if there is none, for example if the log begins later.
 */
export async function detectScaleway(
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
