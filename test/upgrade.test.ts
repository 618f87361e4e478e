// A database made by an earlier version is brought up to date with all that is in it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { NO_ARRIVAL } from '../src/event.ts'
import { type Group, scalewayIds } from '../src/principal.ts'
import { encodeId } from '../src/storage/codec.ts'
import { openStore } from '../src/storage/open.ts'
import { temporaryFolder } from './support/command.ts'
import { ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { owner } from './support/store-contract.ts'

const FOLDER = new URL('../drizzle/sqlite/', import.meta.url)

/** As the first version left it: events of two Organizations in turn, a group, a policy and a token. */
function makeFirstVersion(file: string): void {
  const journal = JSON.parse(readFileSync(new URL('meta/_journal.json', FOLDER), 'utf8'))
  const [{ tag, when }] = journal.entries
  const db = new Database(file)
  for (const statement of readFileSync(new URL(`${tag}.sql`, FOLDER), 'utf8').split(
    '--> statement-breakpoint',
  )) {
    db.exec(statement)
  }
  db.exec(
    'CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  )
  db.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)').run('', when)
  const organization = db.prepare('INSERT INTO organizations VALUES (?, ?, NULL, ?, 1, 9)')
  organization.run(1, encodeId(ORGANIZATION), 5)
  organization.run(2, encodeId(OTHER_ORGANIZATION), 2)
  for (const key of [1, 2]) {
    db.prepare('INSERT INTO principals VALUES (?, ?, ?, ?, 1, 9)').run(
      ...[key, key, encodeId(uuid(1)), key === 1 ? 5 : 2],
    )
    db.prepare('INSERT INTO resources VALUES (?, ?, ?)').run(key, key, encodeId(uuid(2)))
    db.prepare("INSERT INTO trails VALUES (?, ?, ?, 0, 'created', 'group', ?, 1, 9)").run(
      ...[key, key, key, key === 1 ? 5 : 2],
    )
  }
  for (const [place, key] of [1, 1, 2, 1, 2, 1, 1].entries()) {
    const id = encodeId(uuid(place + 1, 'e0000000'))
    const arrival = place + 1
    db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, 0, 0)').run(
      ...[arrival, key, BigInt(arrival) << 10n, id, key, key],
    )
    db.prepare('INSERT INTO new_event_ids VALUES (?, ?, ?)').run(key, id, arrival)
  }
  const entry = db.prepare('INSERT INTO directory VALUES (1, ?, ?, ?, NULL, ?)')
  entry.run(encodeId(uuid(1)), 'user', 'Ada', '{"type":"member","locked":false}')
  entry.run(encodeId(uuid(3)), 'group', 'Editors', '{}')
  entry.run(encodeId(uuid(4)), 'policy', 'audit', '{}')
  entry.run('SCWA', 'api_key', 'laptop', '{"description":"laptop","bearer":null}')
  entry.run('SCWB', 'api_key', 'SCWB', '{"description":null,"bearer":null}')
  entry.run(encodeId(uuid(5)), 'scaleway', 'Scaleway', '{}')
  const memberships = JSON.stringify([
    { organizationId: ORGANIZATION, owner: true, permissionSets: [] },
  ])
  db.prepare("INSERT INTO tokens VALUES ('t', ?, NULL, 0, NULL, ?)").run(
    Buffer.alloc(32),
    memberships,
  )
  db.close()
}

test('events have their order of arrival, and what was in the directory and the tokens still holds', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'old.db')
  makeFirstVersion(file)
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
