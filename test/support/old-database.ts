// SQLite files as earlier versions left them, each with something in every table it had.

import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { encodeId, encodePosition } from '../../src/storage/codec.ts'
import { ORGANIZATION, OTHER_ORGANIZATION, uuid } from './events.ts'

const FOLDER = new URL('../../drizzle/sqlite/', import.meta.url)

interface Migration {
  readonly tag: string
  readonly when: number
}

const { entries: MIGRATIONS }: { readonly entries: readonly Migration[] } = JSON.parse(
  readFileSync(new URL('meta/_journal.json', FOLDER), 'utf8'),
)

/** How many there were; the last is today's. */
export const VERSIONS = MIGRATIONS.length

/**
 * As the first version left it, brought up to one of the versions, which count from 1: events of two Organizations in
 * turn, a group, a policy and a token.
 */
export function makeOldDatabase(file: string, version: number): void {
  const db = new Database(file)
  db.exec(
    'CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  )
  for (const [at, { tag, when }] of MIGRATIONS.slice(0, version).entries()) {
    db.exec(readFileSync(new URL(`${tag}.sql`, FOLDER), 'utf8'))
    db.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)').run('', when)
    if (at === 0) fillFirstVersion(db)
  }
  db.close()
}

/** Of which Organization each event is, by its key; dated 1, 2 and so on. */
const ORGANIZATION_KEYS = [1, 1, 2, 1, 2, 1, 1]

/** How many events, and the first and last date. */
function tallyOf(key: number): [events: number, firstAt: number, lastAt: number] {
  const dates = ORGANIZATION_KEYS.map((of, at) => (of === key ? at + 1 : 0)).filter(Boolean)
  return [dates.length, dates[0] ?? 0, dates.at(-1) ?? 0]
}

function fillFirstVersion(db: Database.Database): void {
  const organization = db.prepare('INSERT INTO organizations VALUES (?, ?, NULL, ?, ?, ?)')
  organization.run(1, encodeId(ORGANIZATION), ...tallyOf(1))
  organization.run(2, encodeId(OTHER_ORGANIZATION), ...tallyOf(2))
  for (const key of [1, 2]) {
    db.prepare('INSERT INTO principals VALUES (?, ?, ?, ?, ?, ?)').run(
      ...[key, key, encodeId(uuid(1)), ...tallyOf(key)],
    )
    db.prepare('INSERT INTO resources VALUES (?, ?, ?)').run(key, key, encodeId(uuid(2)))
    db.prepare("INSERT INTO trails VALUES (?, ?, ?, 0, 'created', 'group', ?, ?, ?)").run(
      ...[key, key, key, ...tallyOf(key)],
    )
    db.prepare("INSERT INTO kinds VALUES (?, 'created', 'group', ?, ?, ?)").run(
      key,
      ...tallyOf(key),
    )
  }
  for (const [place, key] of ORGANIZATION_KEYS.entries()) {
    const id = encodeId(uuid(place + 1, 'e0000000'))
    const arrival = place + 1
    db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, 0, 0)').run(
      ...[
        arrival,
        key,
        encodePosition({ createdAt: arrival, id: uuid(arrival, 'e0000000') }),
        id,
        key,
        key,
      ],
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
}
