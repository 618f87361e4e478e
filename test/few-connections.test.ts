// A PostgreSQL server that allows fewer connections than a store would open: queries wait for a free connection, and
// fail with a clear error if none becomes free.

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgresDatabase } from '../src/storage/postgres/postgres-database.ts'
import { run, temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION, query } from './support/events.ts'
import { openAt } from './support/postgres.ts'
import { POSTGRES_BIN, type PostgresNode, startPostgres } from './support/postgres-cluster.ts'
import { owner } from './support/viewers.ts'

const CONNECTIONS = 3
const ANSWERS = 40

describe.skipIf(POSTGRES_BIN === null)('with few connections at the PostgreSQL server', () => {
  let server: PostgresNode & AsyncDisposable
  let url: string

  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off' })
    const asRole = new URL(server.url)
    asRole.username = 'few'
    url = asRole.href
    await asSuperuser('CREATE ROLE few LOGIN; GRANT CREATE ON SCHEMA public TO few')
    await (await openAt(url)).close()
    await asSuperuser(`ALTER ROLE few CONNECTION LIMIT ${CONNECTIONS}`)
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  async function asSuperuser(statements: string): Promise<void> {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query(statements)
    await client.end()
  }

  /** Opens connections of another program, which are then not free. */
  async function hold(count: number): Promise<pg.Client[]> {
    const held = Array.from({ length: count }, () => new pg.Client({ connectionString: url }))
    for (const client of held) await client.connect()
    return held
  }

  async function release(held: readonly pg.Client[]): Promise<void> {
    for (const client of held) await client.end()
  }

  test('two stores complete all concurrent reads and writes while one of them listens', async () => {
    const [store, other] = [await openAt(url), await openAt(url)]
    const arrival = store.reader(owner).nextArrival()
    const before = await store.reader(owner).countEvents(ORGANIZATION, {})
    await Promise.all(
      Array.from({ length: ANSWERS }, async (_, number) => {
        const one = number % 2 === 0 ? store : other
        expect(await one.append([event(), event()])).toEqual({ added: 2, known: 0, expired: 0 })
        const reader = one.reader(owner)
        expect((await reader.events(query({ limit: 5 }))).events.length).toBeGreaterThan(0)
        expect(await reader.countEvents(ORGANIZATION, { userAgent: 'curl' })).toBeGreaterThan(0)
      }),
    )
    await arrival
    expect(await other.reader(owner).countEvents(ORGANIZATION, {})).toBe(before + 2 * ANSWERS)
    expect(await store.verify()).toEqual([])
    await store.close()
    await other.close()
  })

  test('a store that finds no free connection opens as soon as one is released', async () => {
    const held = await hold(CONNECTIONS)
    const opening = openAt(url)
    const [first, ...others] = held as [pg.Client, ...pg.Client[]]
    await first.end()
    const store = await opening
    await store.append([event()])
    expect((await store.reader(owner).events(query())).events.length).toBeGreaterThan(0)
    await store.close()
    await release(others)
  })

  test('a query that gets no connection fails with DatabaseUnavailable, and succeeds once connections are free', async () => {
    const db = openPostgresDatabase(url, [], { poolSize: 2 })
    const held = await hold(CONNECTIONS)
    const ask = () => db.dialect.retention.monthsBefore(db, 0)
    await expect(ask()).rejects.toMatchObject({ code: '53300', name: 'DatabaseUnavailable' })
    await release(held)
    expect(await ask()).toEqual([])
    await db.close()
  })

  test('a store opens no more connections than its pool size', async () => {
    await asSuperuser('ALTER ROLE few CONNECTION LIMIT -1')
    const store = await openAt(url, { poolSize: 2 })
    const reader = store.reader(owner)
    const queries = Promise.all(
      Array.from({ length: ANSWERS }, () => reader.events(query({ filter: { userAgent: 'c' } }))),
    )
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    let done = false
    queries.then(() => {
      done = true
    })
    let most = 0
    while (!done) {
      const { rows } = await client.query(
        `SELECT count(*)::int AS many FROM pg_stat_activity WHERE usename = 'few'`,
      )
      most = Math.max(most, rows[0].many)
    }
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(2)
    await client.end()
    await store.close()
    await asSuperuser(`ALTER ROLE few CONNECTION LIMIT ${CONNECTIONS}`)
  })

  test('doctor warns of settings that need more connections than there are, and says what to set', async () => {
    using folder = temporaryFolder()
    const doctor = async (settings: Record<string, string>) => {
      const environment = { IAM_LOGS_DATABASE: url, IAM_LOGS_PORT: '1', ...settings }
      const { stdout } = await run(['doctor'], { cwd: folder.path, environment })
      return stdout.split('\n').filter(line => / connections /.test(line))
    }
    expect(await doctor({ IAM_LOGS_WORKERS: '1' })).toEqual([
      expect.stringMatching(
        /^warn .*up to 11 for 1 process, of 3.*set IAM_LOGS_POSTGRES_CONNECTIONS=2 or less/,
      ),
    ])
    const enough = { IAM_LOGS_WORKERS: '1', IAM_LOGS_POSTGRES_CONNECTIONS: '2' }
    expect(await doctor(enough)).toEqual([
      expect.stringMatching(/^ok .*up to 3 for 1 process, of 3/),
    ])
    expect(await doctor({ IAM_LOGS_WORKERS: '4' })).toEqual([
      expect.stringMatching(/^warn .*up to 44 for 4 processes.*fewer IAM_LOGS_WORKERS/),
    ])
  })
})
