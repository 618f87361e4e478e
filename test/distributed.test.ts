// A database that is distributed over several servers, and what is answered while a part of one is away. The latter needs
// no Citus: its coordinator says so by an error, which any server can be made to give. Needs TEST_DATABASE_URL.

import { describe, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { createApp } from '../src/server/app.ts'
import { migrate, migrationState } from '../src/storage/migrate.ts'
import { openPostgresDatabase } from '../src/storage/postgres/postgres-database.ts'
import type { AuditStore } from '../src/store.ts'
import { run, temporaryFolder } from './support/command.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, query, uuid } from './support/events.ts'
import { LATER_POSTGRES, writeLaterVersion } from './support/later-version.ts'
import { user } from './support/people.ts'
import {
  isDistributed,
  makeSchema,
  onServer,
  openAt,
  type Schema,
  SERVER_URL,
} from './support/postgres.ts'
import { owner } from './support/viewers.ts'

const CITUS = await isDistributed()

type Said = readonly [code: string, message: string]

/** What Citus says, with its SQLSTATE: of a worker that cannot be reached, and of those that die under a statement. */
const UNREACHABLE: Said = ['08006', 'connection to the remote node postgres@10.0.0.7:5432 failed']
const AWAY: readonly Said[] = [
  UNREACHABLE,
  ['XX000', 'failure on connection marked as essential: 10.0.0.7:5432'],
  ['XX000', 'SSL SYSCALL error: EOF detected'],
]

/** The rows of one Organization are where nobody answers: whoever reads or locks one is told as a coordinator would. */
async function loseWorkerOf(
  { applicationName: schema }: Schema,
  id: string,
  [code, message]: Said = UNREACHABLE,
): Promise<void> {
  await onServer(`SET search_path = ${schema};
    CREATE FUNCTION away() RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN RAISE SQLSTATE '${code}' USING MESSAGE = '${message}'; END $$;
    ALTER TABLE organizations RENAME TO organizations_there;
    CREATE VIEW organizations AS SELECT * FROM organizations_there WHERE key <> '${id}' OR ${schema}.away()`)
}

async function findWorkerAgain({ applicationName: schema }: Schema): Promise<void> {
  await onServer(`SET search_path = ${schema}; DROP VIEW organizations;
    ALTER TABLE organizations_there RENAME TO organizations`)
}

/** The app, and who may see both Organizations. */
async function openApp(store: AuditStore) {
  const faults: unknown[] = []
  const ids = [ORGANIZATION, OTHER_ORGANIZATION]
  const grants = ids.map(organizationId => ({ organizationId, owner: true, permissionSets: [] }))
  const made = newToken({ name: null, grants, expiresAt: null }, 0)
  await store.tokens.create(made.token, made.hash)
  const app = createApp({ store, reportFault: error => faults.push(error) })
  const fetch = (path: string, init: RequestInit = {}) => {
    const headers = { 'content-type': 'application/json', 'x-auth-token': made.secret }
    return app.fetch(new Request(`http://127.0.0.1${path}`, { ...init, headers }))
  }
  const ask = async (text: string) => {
    const init = { method: 'POST', body: JSON.stringify({ query: text }) }
    return (await fetch('/graphql', init)).json()
  }
  return { app, faults, fetch, ask }
}

describe.skipIf(SERVER_URL === null || CITUS)('while a part of the database is away', () => {
  test.each(AWAY)(
    'its Organizations are UNAVAILABLE, and all others are answered: %s, %s',
    async (code, message) => {
      await using schema = await makeSchema()
      const store = await openAt(schema.url, { poolSize: 1 })
      const { app, faults, fetch, ask } = await openApp(store)
      const [here, there] = [event(), event({ organizationId: OTHER_ORGANIZATION })]
      await store.append([here, there])
      await store.nameOrganization({ id: ORGANIZATION, name: 'Here' })
      const connection = () =>
        onServer(
          `SELECT pid FROM pg_stat_activity WHERE application_name = '${schema.applicationName}'`,
        )
      const { rows: before } = await connection()
      await loseWorkerOf(schema, OTHER_ORGANIZATION, [code, message])

      const events = 'name events(first: 1) { nodes { id: eventId } }'
      const answer = await ask(`{ here: organization(id: "${ORGANIZATION}") { ${events} }
      there: organization(id: "${OTHER_ORGANIZATION}") { ${events} }
      organizations { id name } viewer { memberships { organization { id name } } } }`)
      const listed = [
        { id: ORGANIZATION, name: 'Here' },
        { id: OTHER_ORGANIZATION, name: null },
      ]
      expect(answer).toMatchObject({
        data: {
          here: { name: 'Here', events: { nodes: [{ id: here.id }] } },
          there: null,
          organizations: listed,
          viewer: { memberships: listed.map(organization => ({ organization })) },
        },
        errors: [{ path: ['there'], extensions: { code: 'UNAVAILABLE' } }],
      })
      expect(answer.errors.length).toBe(1)
      expect(JSON.stringify(answer)).not.toContain('10.0.0.7')

      for (const path of [`/feed/${OTHER_ORGANIZATION}`, `/export/${OTHER_ORGANIZATION}.ndjson`]) {
        const refused = await fetch(path)
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10'])
        const { errors } = (await refused.json()) as { errors: object[] }
        expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
        const answered = await fetch(path.replace(OTHER_ORGANIZATION, ORGANIZATION))
        expect([answered.status, await answered.text()]).toEqual([
          200,
          expect.stringContaining(here.id),
        ])
      }
      // Who operates it is told why.
      expect(faults.map(String)).toContainEqual(
        expect.stringContaining(
          `a part of the database does not respond: PostgreSQL says: ${message}`,
        ),
      )
      const ready = await fetch('/health/ready')
      expect([ready.status, await ready.json()]).toMatchObject([
        200,
        { sync: { state: 'unknown' } },
      ])
      expect((await connection()).rows).toEqual(before)
      app.close()
      await store.close()
    },
  )

  test('nothing of a write to it is there, nor of one that goes elsewhere as well', async () => {
    await using schema = await makeSchema()
    const store = await openAt(schema.url)
    const there = { organizationId: OTHER_ORGANIZATION }
    await store.append([event(), event(there)])
    await loseWorkerOf(schema, OTHER_ORGANIZATION)
    const lost = { code: 'UNAVAILABLE', name: 'Unavailable' }
    const both = [event(), event(there)]
    await expect(store.append([event(there)])).rejects.toMatchObject(lost)
    await expect(store.append(both)).rejects.toMatchObject(lost)
    await expect(store.verify()).rejects.toMatchObject(lost)
    expect(await store.append([event()])).toEqual({ added: 1, known: 0, expired: 0 })
    await findWorkerAgain(schema)
    expect(await store.append(both)).toEqual({ added: 2, known: 0, expired: 0 })
    expect(await store.verify()).toEqual([])
    expect((await store.chains([])).flatMap(({ faults }) => faults)).toEqual([])
    await store.close()
  })
})

describe.skipIf(SERVER_URL === null || CITUS)('a worker that dies in a COMMIT', () => {
  test.each([
    'could not commit transaction for shard 102008 on at least one active node',
    "failed to prepare transaction 'citus_0_7_9_1' on host 10.0.0.7:5432",
  ])('is UNAVAILABLE: %s', async message => {
    await using schema = await makeSchema()
    const store = await openAt(schema.url)
    await onServer(`SET search_path = ${schema.applicationName};
      CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE SQLSTATE 'XX000' USING MESSAGE = $m$${message}$m$; END $$;
      CREATE CONSTRAINT TRIGGER away AFTER INSERT ON seals DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION away()`)
    await expect(store.append([event()])).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await onServer(`DROP TRIGGER away ON ${schema.applicationName}.seals`)
    expect(await store.append([event()])).toEqual({ added: 1, known: 0, expired: 0 })
    await store.close()
  })
})

describe('migrate --distributed', () => {
  async function migrateByCommand(url: string, ...args: string[]) {
    using folder = temporaryFolder()
    const environment = { IAM_LOGS_DATABASE: url, IAM_LOGS_UNSAFE_DATABASE: 'yes' }
    return run(['migrate', ...args], { cwd: folder.path, environment })
  }

  test('refuses in one line what cannot be distributed', async () => {
    const file = await migrateByCommand('./log.db', '--distributed')
    expect(file).toMatchObject({ code: 1, stdout: '' })
    expect(file.stderr).toMatch(
      /^error: database ".*" cannot be distributed; give the address of .* Citus\n$/,
    )
    const shards = await migrateByCommand('./log.db', '--shards', '3')
    expect(shards.stderr).toBe('error: --shards needs --distributed\n')
  })

  test.skipIf(SERVER_URL === null || CITUS)('refuses a server without Citus', async () => {
    await using schema = await makeSchema()
    const refused = await migrateByCommand(schema.url, '--distributed')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(
      /^error: database ".*" cannot be distributed: Citus is not installed; .*\n$/,
    )
  })

  test.skipIf(!CITUS)(
    'distributes what is there, once, and all of it is answered as before',
    async () => {
      await using schema = await makeSchema()
      const plain = await openAt(schema.url, { distribute: null })
      const organizations = Array.from({ length: 5 }, (_, number) => uuid(number, 'f0000000'))
      for (const organizationId of [ORGANIZATION, ...organizations]) {
        const months = [1, 5, 11].map(month =>
          at(`2025-${String(month).padStart(2, '0')}-03T00:00:00Z`),
        )
        await plain.append(months.map(createdAt => event({ organizationId, createdAt })))
      }
      await plain.updateDirectory({
        organizationId: ORGANIZATION,
        kind: 'user',
        entries: [user()],
        complete: true,
      })
      const token = { id: 't', name: null, createdAt: 1, expiresAt: null, grants: [] }
      await plain.tokens.create(token, new Uint8Array(32))
      const told = async (store: AuditStore) => [
        await store.reader(owner).events(query()),
        await store.reader(owner).directoryById([user().id]),
        await store.tokens.list(),
        await store.coverages(),
        await store.chains([]),
        await store.verify(),
      ]
      const before = await told(plain)
      for (let time = 0; time < 2; time++) {
        const { stdout } = await migrateByCommand(schema.url, '--distributed', '--shards', '3')
        expect(stdout).toMatch(/ is up to date and distributed\n$/)
      }
      // Whoever was connected goes on.
      expect(await told(plain)).toEqual(before)
      const { rows } = await onServer(
        `SELECT DISTINCT shard_count, colocation_id FROM citus_tables
        WHERE table_name::text LIKE '${schema.applicationName}.%' AND citus_table_type = 'distributed'`,
      )
      expect(rows.map(row => row.split(',')[0])).toEqual(['3'])
      const { rows: local } = await onServer(
        `SELECT pg_relation_size('${schema.applicationName}.organizations')`,
      )
      expect(local).toEqual(['0'])
      const store = await openAt(schema.url)
      const more = organizations.map(organizationId => event({ organizationId }))
      expect(await store.append(more)).toEqual({ added: 5, known: 0, expired: 0 })
      expect(await store.verify()).toEqual([])
      await store.close()

      // And a later version brings it up to date.
      using folder = temporaryFolder()
      writeLaterVersion(folder.path, 'postgres', LATER_POSTGRES)
      const db = openPostgresDatabase(schema.url, [])
      await migrate(db, folder.path)
      expect(await migrationState(db, folder.path)).toBe('up to date')
      await db.close()
      const organizationId = uuid(9, 'f0000000')
      expect(await plain.append([event({ organizationId })])).toEqual({
        added: 1,
        known: 0,
        expired: 0,
      })
      await plain.close()
    },
  )

  test.skipIf(!CITUS)('refuses what was distributed otherwise', async () => {
    await using schema = await makeSchema()
    await (await openAt(schema.url, { distribute: null })).close()
    await onServer(
      `SELECT create_distributed_table('${schema.applicationName}.kinds', 'organization')`,
    )
    for (const args of [[], ['--distributed']]) {
      const refused = await migrateByCommand(schema.url, ...args)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toMatch(/^error: database ".*" is distributed, but not by: .*\n$/)
    }
  })
})
