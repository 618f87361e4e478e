// A database distributed over several servers by Citus, and responses while one of these servers cannot be reached. The
// latter is tested without Citus: any server can be made to return the error of its coordinator. Needs TEST_DATABASE_URL.

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

type PostgresError = readonly [sqlState: string, message: string]

/** The errors of Citus for a worker that cannot be reached, and for one that dies while it executes a statement. */
const UNREACHABLE: PostgresError = [
  '08006',
  'connection to the remote node postgres@10.0.0.7:5432 failed',
]
const WORKER_ERRORS: readonly PostgresError[] = [
  UNREACHABLE,
  ['XX000', 'failure on connection marked as essential: 10.0.0.7:5432'],
  ['XX000', 'SSL SYSCALL error: EOF detected'],
]

/** Makes every statement that reads or locks the rows of one Organization fail, with the error of a coordinator. */
async function loseWorkerOf(
  { applicationName: schema }: Schema,
  id: string,
  [sqlState, message]: PostgresError = UNREACHABLE,
): Promise<void> {
  await onServer(`SET search_path = ${schema};
    CREATE FUNCTION away() RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN RAISE SQLSTATE '${sqlState}' USING MESSAGE = '${message}'; END $$;
    ALTER TABLE organizations RENAME TO organizations_there;
    CREATE VIEW organizations AS SELECT * FROM organizations_there WHERE key <> '${id}' OR ${schema}.away()`)
}

async function restoreWorker({ applicationName: schema }: Schema): Promise<void> {
  await onServer(`SET search_path = ${schema}; DROP VIEW organizations;
    ALTER TABLE organizations_there RENAME TO organizations`)
}

/** The app, and a client whose token may see both Organizations. */
async function openApp(store: AuditStore) {
  const faults: unknown[] = []
  const ids = [ORGANIZATION, OTHER_ORGANIZATION]
  const grants = ids.map(organizationId => ({ organizationId, owner: true, permissionSets: [] }))
  const { token, secret, hash } = newToken({ name: null, grants, expiresAt: null }, 0)
  await store.tokens.create(token, hash)
  const app = createApp({ store, reportFault: error => faults.push(error) })
  const fetch = (path: string, init: RequestInit = {}) => {
    const headers = { 'content-type': 'application/json', 'x-auth-token': secret }
    return app.fetch(new Request(`http://127.0.0.1${path}`, { ...init, headers }))
  }
  const ask = async (text: string) => {
    const init = { method: 'POST', body: JSON.stringify({ query: text }) }
    return (await fetch('/graphql', init)).json()
  }
  return { app, faults, fetch, ask }
}

describe.skipIf(SERVER_URL === null || CITUS)('while a worker cannot be reached', () => {
  test.each(WORKER_ERRORS)(
    'requests for its Organizations fail with UNAVAILABLE, and all others are answered: %s, %s',
    async (sqlState, message) => {
      await using schema = await makeSchema()
      const store = await openAt(schema.url, { poolSize: 1 })
      const { app, faults, fetch, ask } = await openApp(store)
      const reachable = event()
      await store.append([reachable, event({ organizationId: OTHER_ORGANIZATION })])
      await store.nameOrganization({ id: ORGANIZATION, name: 'Here' })
      const connection = () =>
        onServer(
          `SELECT pid FROM pg_stat_activity WHERE application_name = '${schema.applicationName}'`,
        )
      const { rows: before } = await connection()
      await loseWorkerOf(schema, OTHER_ORGANIZATION, [sqlState, message])

      const events = 'name events(first: 1) { nodes { id: eventId } }'
      const answer = await ask(`{ reachable: organization(id: "${ORGANIZATION}") { ${events} }
      unreachable: organization(id: "${OTHER_ORGANIZATION}") { ${events} }
      organizations { id name } viewer { memberships { organization { id name } } } }`)
      const listed = [
        { id: ORGANIZATION, name: 'Here' },
        { id: OTHER_ORGANIZATION, name: null },
      ]
      expect(answer).toMatchObject({
        data: {
          reachable: { name: 'Here', events: { nodes: [{ id: reachable.id }] } },
          unreachable: null,
          organizations: listed,
          viewer: { memberships: listed.map(organization => ({ organization })) },
        },
        errors: [{ path: ['unreachable'], extensions: { code: 'UNAVAILABLE' } }],
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
          expect.stringContaining(reachable.id),
        ])
      }
      // The operator gets the reason.
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

  test('a batch with events of its Organizations is refused completely, and can be stored later', async () => {
    await using schema = await makeSchema()
    const store = await openAt(schema.url)
    const unreachable = { organizationId: OTHER_ORGANIZATION }
    await store.append([event(), event(unreachable)])
    await loseWorkerOf(schema, OTHER_ORGANIZATION)
    const unavailable = { code: 'UNAVAILABLE', name: 'Unavailable' }
    const both = [event(), event(unreachable)]
    await expect(store.append([event(unreachable)])).rejects.toMatchObject(unavailable)
    await expect(store.append(both)).rejects.toMatchObject(unavailable)
    await expect(store.verify()).rejects.toMatchObject(unavailable)
    expect(await store.append([event()])).toEqual({ added: 1, known: 0, expired: 0 })
    await restoreWorker(schema)
    expect(await store.append(both)).toEqual({ added: 2, known: 0, expired: 0 })
    expect(await store.verify()).toEqual([])
    expect((await store.chains([])).flatMap(({ faults }) => faults)).toEqual([])
    await store.close()
  })
})

describe.skipIf(SERVER_URL === null || CITUS)('an error of a worker during COMMIT', () => {
  test.each([
    'could not commit transaction for shard 102008 on at least one active node',
    "failed to prepare transaction 'citus_0_7_9_1' on host 10.0.0.7:5432",
  ])('is reported as UNAVAILABLE: %s', async message => {
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

describe('iam-logs migrate --distributed', () => {
  async function migrateByCommand(url: string, ...args: string[]) {
    using folder = temporaryFolder()
    const environment = { IAM_LOGS_DATABASE: url, IAM_LOGS_UNSAFE_DATABASE: 'yes' }
    return run(['migrate', ...args], { cwd: folder.path, environment })
  }

  test('refuses a SQLite file, and --shards alone, with a one-line message', async () => {
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
    'distributes an existing database once; it returns the same results, can be written to, and can be migrated again',
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
      const resultsOf = async (store: AuditStore) => [
        await store.reader(owner).events(query()),
        await store.reader(owner).directoryById([user().id]),
        await store.tokens.list(),
        await store.coverages(),
        await store.chains([]),
        await store.verify(),
      ]
      const before = await resultsOf(plain)
      for (let time = 0; time < 2; time++) {
        const { stdout } = await migrateByCommand(schema.url, '--distributed', '--shards', '3')
        expect(stdout).toMatch(/ is up to date and distributed\n$/)
      }
      // A connection that was open before still works.
      expect(await resultsOf(plain)).toEqual(before)
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

      // A later version can migrate it.
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

  test.skipIf(!CITUS)('refuses a database that was distributed in another way', async () => {
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
