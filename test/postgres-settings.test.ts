// PostgreSQL servers of different configurations: with TLS and passwords, with settings that may lose events, with the
// default lock table, and behind a pooler without notifications. Each test starts its own server.

import { spawnSync } from 'node:child_process'
import { chownSync, copyFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { EventFilter } from '../src/event.ts'
import { run, temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION, query, uuid } from './support/events.ts'
import { user } from './support/people.ts'
import { openAt } from './support/postgres.ts'
import { POSTGRES_BIN, serverUser, startPostgres } from './support/postgres-cluster.ts'
import { owner } from './support/viewers.ts'

const PASSWORD = 'right-Pa55'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

describe.skipIf(POSTGRES_BIN === null)('a PostgreSQL server', () => {
  test.skipIf(!hasOpenssl)(
    'with TLS and a password is used, and each wrong setting is one line without the password',
    async () => {
      using folder = temporaryFolder()
      const [certificate, key] = [join(folder.path, 'root.crt'), join(folder.path, 'key')]
      spawnSync('openssl', [
        ...['req', '-new', '-x509', '-days', '2', '-nodes', '-out', certificate, '-keyout', key],
        ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
      ])
      await using server = await startPostgres({ ssl: 'on' }, data => {
        for (const [from, to] of [
          [certificate, 'server.crt'],
          [key, 'server.key'],
        ] as const) {
          copyFileSync(from, join(data, to))
          chownSync(join(data, to), serverUser(), 0)
        }
        writeFileSync(
          join(data, 'pg_hba.conf'),
          'host all postgres all trust\nhostssl all all all scram-sha-256\n',
        )
      })
      await ask(
        server.url,
        `CREATE ROLE me LOGIN PASSWORD '${PASSWORD}'; CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}'`,
      )
      await ask(
        server.url,
        'ALTER ROLE reader SET default_transaction_read_only = on; GRANT CREATE ON SCHEMA public TO me',
      )

      const { port } = new URL(server.url)
      const migrate = async (address: string) => {
        const ended = await run(['migrate', '--database', address], { cwd: folder.path })
        expect(ended.stdout + ended.stderr).not.toMatch(/Pa55/)
        if (ended.code !== 0) expect(ended.stderr).toMatch(/^error: database [^\n]*\n$/)
        return ended.stderr
      }
      const address = (who: string, settings: string, host = 'localhost') =>
        `postgres://${who}@${host}:${port}/postgres${settings}`
      const me = `me:${PASSWORD}`
      const checked = `?sslmode=verify-full&sslrootcert=${certificate}`
      expect(await migrate(address(me, checked))).toBe('')
      expect(await migrate(address(me, `?sslmode=require&sslrootcert=${certificate}`))).toBe('')
      expect(await migrate(address('me:wrong-Pa55', checked))).toMatch(
        /password authentication failed.*check the password/,
      )
      expect(await migrate(address('me', checked))).toMatch(
        /requires a password, but none is given/,
      )
      expect(await migrate(address(me, ''))).toMatch(
        /no pg_hba.conf entry.*check that pg_hba.conf allows/,
      )
      expect(await migrate(address(me, '?sslmode=require'))).toMatch(
        /self-signed.*sslrootcert=FILE/,
      )
      expect(await migrate(address(me, checked, '127.0.0.1'))).toMatch(/use the host name of its/)
      expect(await migrate(address(me, '?sslmode=verify-full&sslrootcert=./none'))).toMatch(
        /names a file that cannot be read: ENOENT/,
      )
      expect(await migrate(address(`reader:${PASSWORD}`, checked))).toMatch(/is read-only/)
    },
  )

  test('with settings that may lose committed data is refused, unless IAM_LOGS_UNSAFE_DATABASE allows it', async () => {
    using folder = temporaryFolder()
    await using server = await startPostgres({ fsync: 'off', full_page_writes: 'off' })
    const migrate = (environment: Record<string, string>) =>
      run(['migrate', '--database', server.url], { cwd: folder.path, environment })
    const refused = await migrate({ IAM_LOGS_UNSAFE_DATABASE: '' })
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(
      /^error: .* may lose committed data: fsync and full_page_writes are off; [^\n]*\n$/,
    )
    expect(await migrate({ IAM_LOGS_UNSAFE_DATABASE: 'yes' })).toMatchObject({ code: 0 })
    await ask(server.url, 'ALTER DATABASE postgres SET synchronous_commit = off')
    expect((await migrate({ IAM_LOGS_UNSAFE_DATABASE: 'no' })).stderr).toContain(
      'synchronous_commit are off',
    )
  })

  test('with the default lock table answers 20 concurrent readers of 144 months', async () => {
    await using server = await startPostgres({ fsync: 'off', max_connections: 30 })
    const writer = await openAt(server.url)
    const months = Array.from({ length: 144 }, (_, month) => Date.UTC(2018, month, 15) * 1000)
    const events = months.map((createdAt, month) =>
      event({ createdAt, resourceId: uuid(month % 7), ipAddress: `10.0.0.${month}` }),
    )
    for (let from = 0; from < 144; from += 12) await writer.append(events.slice(from, from + 12))
    const stores = [writer, await openAt(server.url)]
    const filters: EventFilter[] = [
      { resourceIds: [uuid(3)] },
      { principalIds: [events[0]?.principalId ?? ''], resourceIds: [uuid(4), uuid(5)] },
      {
        userAgent: 'curl',
        addresses: [{ first: new Uint8Array(4), last: new Uint8Array(4).fill(99) }],
      },
    ]
    const ids = events.map(({ id }) => id)
    const reads = Array.from({ length: 20 }, async (_, number) => {
      const filter = filters[number % 3] ?? {}
      const reader = (stores[number % 2] ?? writer).reader(owner)
      const page = await reader.events(query({ filter, limit: 200 }))
      expect(page.events.length).toBe(await reader.countEvents(ORGANIZATION, filter))
      const counts = await reader.eventCounts(ORGANIZATION, filter)
      const kinds = await counts.kinds()
      expect(kinds.reduce((sum, kind) => sum + kind.events, 0)).toBe(page.events.length)
      expect(await counts.principals(3)).toHaveLength(page.events.length > 0 ? 1 : 0)
      expect((await reader.events(query({ limit: 100 }))).events).toHaveLength(100)
      expect(await reader.eventsById(ids)).toMatchObject(events)
      const feed = await reader.arrivals({
        ...{ organizationId: ORGANIZATION, filter, limit: 200 },
        after: ids[0] ?? '',
      })
      expect(feed?.events.length).toBeGreaterThan(page.events.length - 2)
    })
    await Promise.all(reads)
    await writer.updateDirectory({
      organizationId: ORGANIZATION,
      kind: 'user',
      entries: [user()],
      complete: true,
    })
    for (const store of stores) await store.close()
  })

  test('keeps no bytes of former or removed e-mail addresses in the file of the directory', async () => {
    // Transactions of other tests on a shared server would keep the old rows.
    await using server = await startPostgres({ fsync: 'off' })
    const store = await openAt(server.url)
    const entries = (round: number) =>
      Array.from({ length: 300 }, (_, number) =>
        user({ id: uuid(number), email: `secret-${number}-${round}@example.com` }),
      )
    const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: true }
    for (const round of [1, 2]) await store.updateDirectory({ ...listing, entries: entries(round) })
    await store.updateDirectory({ ...listing, entries: entries(2).slice(0, 100) })
    await store.append([event({ action: 'deleted', category: 'user', resourceId: uuid(7) })])
    const bytes = await ask(
      server.url,
      "CHECKPOINT; SELECT encode(pg_read_binary_file(pg_relation_filepath('directory')), 'escape')",
    )
    const found = new Set(bytes.match(/secret-\d+-\d+@/g))
    const kept = entries(2)
      .slice(0, 100)
      .filter(({ id }) => id !== uuid(7))
    expect(found).toEqual(new Set(kept.map(({ email }) => email?.replace('example.com', ''))))
    await store.close()
  })

  test('behind a pooler that drops notifications still wakes up readers that wait for events', async () => {
    await using server = await startPostgres({ fsync: 'off' })
    const { port } = new URL(server.url)
    // Like a pooler in transaction mode.
    const pooler = createServer(client => {
      const behind = connect(Number(port), '127.0.0.1')
      client.pipe(behind)
      behind.on('data', chunk => {
        if (chunk[0] !== 'A'.charCodeAt(0)) client.write(chunk)
      })
      for (const socket of [client, behind]) {
        socket.on('error', () => {})
        socket.on('close', () => {
          client.destroy()
          behind.destroy()
        })
      }
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => pooler.once('listening', resolve))
    const through = new URL(server.url)
    through.port = String((pooler.address() as AddressInfo).port)
    const [store, other] = [await openAt(through.href), await openAt(server.url)]
    const reader = store.reader(owner)
    await reader.nextArrival()
    for (let round = 0; round < 3; round++) {
      const next = reader.nextArrival()
      await other.append([event()])
      await next
    }
    await store.close()
    await other.close()
    pooler.close()
  })
})

/** The rows of the last statement, as text. */
async function ask(url: string, text: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const result: pg.QueryArrayResult | pg.QueryArrayResult[] = await client.query({
    text,
    rowMode: 'array',
  })
  await client.end()
  return String([result].flat().at(-1)?.rows)
}
