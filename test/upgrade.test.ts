// A database made by an earlier version is brought up to date with all that is in it.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NO_ARRIVAL } from '../src/event.ts'
import { type Group, scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { temporaryFolder } from './support/command.ts'
import { ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { makeOldDatabase } from './support/old-database.ts'
import { owner } from './support/store-contract.ts'

test('events have their order of arrival, and what was in the directory and the tokens still holds', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'old.db')
  makeOldDatabase(file, 1)
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  const reader = store.reader(owner)
  for (const [organizationId, numbers] of [
    [ORGANIZATION, [1, 2, 4, 6, 7]],
    [OTHER_ORGANIZATION, [3, 5]],
  ] as const) {
    const page = await reader.arrivals({ organizationId, filter: {}, after: NO_ARRIVAL, limit: 10 })
    expect(page?.events.map(({ id }) => id)).toEqual(numbers.map(at => uuid(at, 'e0000000')))
  }
  const self = { organizationId: ORGANIZATION, id: uuid(1) }
  expect(await store.membership(self)).toEqual({
    organizationId: ORGANIZATION,
    owner: false,
    permissionSets: [],
  })
  const [group, policy] = await reader.directory([
    { ...self, id: uuid(3) },
    { ...self, id: uuid(4) },
  ])
  expect(group).toMatchObject({ name: 'Editors', userIds: [], allUsers: false })
  expect(policy).toMatchObject({ name: 'audit', holder: null, permissionSets: null })
  expect((await store.tokens.find(new Uint8Array(32)))?.viewer.memberships).toMatchObject([
    { organizationId: ORGANIZATION, owner: true },
  ])
  expect(await reader.coverage(ORGANIZATION)).toMatchObject({ completeUntil: null, gaps: [] })
  const counts = await reader.eventCounts(ORGANIZATION, { createdAfter: 2 })
  expect(await counts.kinds()).toEqual([{ action: 'created', category: 'group', events: 4 }])
  expect(await counts.principals(9)).toEqual([{ principalId: uuid(1), events: 4 }])
  expect(await counts.times([1, 3, 7, 8])).toEqual([1, 2, 1])
  const ids = [uuid(1), uuid(3), uuid(4), 'SCWA', 'SCWB', uuid(5)]
  const then = await reader.namesAt(ids.map(id => ({ ...self, id, at: 5 })))
  expect(then.map(found => found?.name)).toEqual([
    ...['Ada', 'Editors', 'audit', 'laptop', null, 'Scaleway'],
  ])
  expect(await store.verify()).toEqual([])
  const renamed = { ...group, name: 'Authors', updatedAt: 7 } as Group
  const listing = { organizationId: ORGANIZATION, kind: 'group' as const, complete: false }
  await store.describe({ ...listing, entries: [renamed] })
  const later = [5, Date.now() * 2000].map(at => ({ ...self, id: uuid(3), at }))
  expect((await reader.namesAt(later)).map(found => found?.name)).toEqual(['Editors', 'Authors'])
  await store.close()
})
