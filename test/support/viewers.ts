// Visibilities for tests that read a store.

import { visibilityOf } from '../../src/visibility.ts'
import { ORGANIZATION, OTHER_ORGANIZATION } from './events.ts'

/** A viewer with these permission sets in `ORGANIZATION`. */
export function viewerWith(...permissionSets: string[]) {
  return visibilityOf({
    id: 'viewer',
    name: null,
    memberships: [{ organizationId: ORGANIZATION, owner: false, permissionSets }],
  })
}

export function ownerOf(...organizationIds: string[]) {
  return visibilityOf({
    id: 'owner',
    name: null,
    memberships: organizationIds.map(organizationId => ({
      organizationId,
      owner: true,
      permissionSets: [],
    })),
  })
}

export const owner = ownerOf(ORGANIZATION, OTHER_ORGANIZATION)
