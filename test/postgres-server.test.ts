// The store on a PostgreSQL server: its contract, several writers and processes at once, broken connections, replicas,
// and commands. Needs TEST_DATABASE_URL; every store is in a schema of its own.

import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { type Event, FEED_START } from '../src/event.ts'
import type { LogReader } from '../src/log-reader.ts'
import { createApp } from '../src/server/app.ts'
import type { AuditStore } from '../src/store.ts'
import { follow } from '../src/tail.ts'
import { testBounds } from './support/bounds-contract.ts'
import { type Ended, type Running, run, start, temporaryFolder } from './support/command.ts'
import { testCounts } from './support/counts-contract.ts'
import { at, event, ORGANIZATION, query, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { testNames } from './support/names-contract.ts'
import { user } from './support/people.ts'
import { makeSchema, onServer, openAt, openOnServer, SERVER_URL } from './support/postgres.ts'
import { testPrincipals } from './support/principals-contract.ts'
import { testRights } from './support/rights-contract.ts'
import { testSavedViews } from './support/saved-views-contract.ts'
import { logOf } from './support/scaleway-items.ts'
import { testSeals } from './support/seals-contract.ts'
import { testSearch } from './support/search-contract.ts'
import { testStore } from './support/store-contract.ts'
import { testSyncStore } from './support/sync-contract.ts'
import { owner } from './support/viewers.ts'

const SECRET = 'pa55-of-nobody'

const OWNER = [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }]

interface Graph {
  readonly organization: {
    readonly events: { readonly edges: readonly { cursor: string; node: { id: string } }[] }
    readonly eventFeed: { readonly cursor: string }
  }
}

/** The URL with a password, which this server does not require. */
function withPassword(url: string): string {
  const secret = new URL(url)
  secret.password = SECRET
  return secret.href
}

/** The events in the format of Scaleway's API. */
function listed(events: readonly Event[]): string {
  return JSON.stringify({ logs: events.map(logOf) })
}

/** The IDs of all events in order of arrival, read in pages of this size. */
async function arrived(reader: LogReader, limit = 500): Promise<string[]> {
  const ids: string[] = []
  for (let after = FEED_START; ; ) {
    const page = await reader.arrivals({ organizationId: ORGANIZATION, filter: {}, after, limit })
    if (page === null) throw new Error(`no such cursor: ${after}`)
    ids.push(...page.events.map(({ id }) => id))
    after = page.cursor
    if (!page.hasMore) return ids
  }
}

describe.skipIf(SERVER_URL === null)('a store on a PostgreSQL server', () => {
  testStore('PostgreSQL', () => openOnServer(), LONG ? 50 : 10)
  testSyncStore('PostgreSQL', () => openOnServer(), LONG ? 20 : 5)
  testCounts('PostgreSQL', () => openOnServer(), LONG ? 50 : 10, 8)
  testSearch('PostgreSQL', () => openOnServer())
  testSeals('PostgreSQL', options => openOnServer(options))
  testSavedViews('PostgreSQL', options => openOnServer(options))
  testNames('PostgreSQL', options => openOnServer(options), LONG ? 30 : 8)
  testRights('PostgreSQL', options => openOnServer(options))
  testPrincipals('PostgreSQL', () => openOnServer())
  testBounds('PostgreSQL', () => openOnServer())

  test('gives a follower each event once and in the order of arrival while several processes write', async () => {
    await using schema = await makeSchema()
    using folder = temporaryFolder()
    const stores = await Promise.all([1, 2, 3, 4].map(() => openAt(schema.url)))
    const [first] = stores as [AuditStore, ...AuditStore[]]
    // Some months have no partition yet, and some events are in two concurrent batches.
    const all = Array.from({ length: 6000 }, (_, number) =>
      event({ createdAt: at('2025-01-01T00:00:00Z') + (number % 14) * 2_600_000_000_000 + number }),
    )
    const files = [0, 1].map(number => {
      const file = join(folder.path, `${number}.json`)
      writeFileSync(file, listed(all.slice(number * 1500, number * 1500 + 2000)))
      return file
    })

    const seen: string[] = []
    const stop = new AbortController()
    const following = (async () => {
      const query = { organizationId: ORGANIZATION, filter: {}, after: FEED_START }
      for await (const { event } of follow(first.reader(owner), query, stop.signal)) {
        if (event !== null) seen.push(event.id)
        if (seen.length === all.length) stop.abort()
      }
    })()

    const environment = { IAM_LOGS_DATABASE: schema.url }
    const processes = files.map(file => run(['import', file], { cwd: folder.path, environment }))
    await Promise.all(
      stores.map(async (store, writer) => {
        for (let from = writer * 50; from < all.length; from += 150) {
          await store.append(all.slice(from, from + 60))
        }
      }),
    )
    for (const ended of await Promise.all(processes)) expect(ended).toMatchObject({ code: 0 })
    await first.append(all)
    await following

    expect(new Set(seen).size).toBe(all.length)
    expect(await arrived(first.reader(owner))).toEqual(seen)
    expect(await first.verify()).toEqual([])
    expect((await first.chains([])).flatMap(({ faults }) => faults)).toEqual([])
    for (const store of stores) await store.close()
  })

  test('keeps correct counts and seals when retention runs while others write', async () => {
    await using schema = await makeSchema()
    const [one, another, cleaner] = await Promise.all([1, 2, 3].map(() => openAt(schema.url)))
    if (one === undefined || another === undefined || cleaner === undefined) return
    let writing = true
    const writers = [one, another].map(async (store, writer) => {
      for (let round = 0; writing; round++) {
        const month = at('2025-01-15T00:00:00Z') + ((round + 6 * writer) % 12) * 2_592_000_000_000
        await store.append(
          Array.from({ length: 20 }, (_, number) =>
            event({
              createdAt: month + number,
              organizationId: uuid(1 + (number % 3), 'f0000000'),
              principalId: uuid(round % 5),
              userAgent: `agent/${round % 7}`,
            }),
          ),
        )
      }
    })
    for (const month of ['03', '05', '06', '09', '11']) {
      await cleaner.dropBefore(at(`2025-${month}-01T00:00:00Z`))
    }
    writing = false
    await Promise.all(writers)
    expect(await cleaner.verify()).toEqual([])
    expect((await cleaner.chains([])).flatMap(({ faults }) => faults)).toEqual([])
    for (const store of [one, another, cleaner]) await store.close()
  })

  test('replaces cut connections, also the one that waits for new events', async () => {
    await using schema = await makeSchema()
    const store = await openAt(schema.url)
    const reader = store.reader(owner)
    await store.append([event()])
    const cut = () =>
      onServer(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = '${schema.applicationName}'`,
      )
    for (let round = 0; round < 5; round++) {
      const next = reader.nextArrival()
      await cut()
      expect(await reader.countEvents(ORGANIZATION, {})).toBe(round + 1)
      await cut()
      expect((await reader.events(query())).events.length).toBe(round + 1)
      const other = await openAt(schema.url)
      await other.append([event()])
      await other.close()
      await next
    }
    await store.close()
  })

  test('reads and writes also if all its connections were lost without notice, as behind a firewall that forgets them', async () => {
    await using schema = await makeSchema()
    const { hostname, port } = new URL(schema.url)
    const lost = new Set<Socket>()
    let open: Socket[] = []
    const firewall = createServer(client => {
      const server = connect(Number(port), hostname)
      open.push(client)
      server.pipe(client)
      client.on('data', chunk => {
        if (lost.has(client)) client.resetAndDestroy()
        else server.write(chunk)
      })
      for (const socket of [client, server]) socket.on('error', () => {})
      client.on('close', () => server.destroy())
    }).listen(0, '127.0.0.1')
    await once(firewall, 'listening')
    const through = new URL(schema.url)
    through.hostname = '127.0.0.1'
    through.port = String((firewall.address() as AddressInfo).port)
    const store = await openAt(through.href)
    await store.append([event()])
    const reader = store.reader(owner)
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 8 }, () => reader.events(query())))
      expect(open.length).toBeGreaterThan(4)
      for (const socket of open) lost.add(socket)
      open = []
      expect((await reader.events(query())).events).toHaveLength(2 * round + 1)
      for (const socket of open) lost.add(socket)
      open = []
      expect(await store.append([event(), event()])).toMatchObject({ added: 2 })
    }
    await store.close()
    firewall.close()
  })

  test('stores a batch completely or not at all when its connection breaks, and the error has a code', async () => {
    await using schema = await makeSchema()
    const store = await openAt(schema.url)
    let cutting = true
    const cut = (async () => {
      while (cutting) {
        await onServer(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = '${schema.applicationName}'`,
        )
      }
    })()
    const acknowledged: Event[][] = []
    const failed: Event[][] = []
    for (let round = 0; round < 60; round++) {
      const batch = Array.from({ length: 50 }, () => event())
      try {
        await store.append(batch)
        acknowledged.push(batch)
      } catch (error) {
        failed.push(batch)
        expect(error).toMatchObject({ code: expect.stringMatching(/./) })
      }
    }
    cutting = false
    await cut
    expect(failed.length).toBeGreaterThan(0)
    const stored = new Set(await arrived(store.reader(owner)))
    const found = (batch: Event[]) => batch.filter(({ id }) => stored.has(id)).length
    for (const batch of acknowledged) expect(found(batch)).toBe(batch.length)
    for (const batch of failed) expect([0, batch.length]).toContain(found(batch))
    expect(await store.verify()).toEqual([])
    await store.close()
  })

  test('finds the values of a page one by one, also before the database has statistics about its tables', async () => {
    await using schema = await makeSchema()
    const statements: [string, readonly unknown[]][] = []
    const store = await openAt(schema.url, {
      onStatement: (text, values) => void statements.push([text, values]),
    })
    const events = Array.from({ length: 5000 }, (_, number) =>
      event({ userAgent: `agent ${number % 1000}` }),
    )
    await store.append(events)
    statements.length = 0
    expect((await store.reader(owner).events(query())).events).toHaveLength(50)
    const [text, values] = statements.find(([text]) => text.includes('user_agents')) ?? ['', []]
    const client = new pg.Client({ connectionString: schema.url })
    await client.connect()
    const { rows } = await client.query(`EXPLAIN ${text}`, [...values])
    await client.end()
    const plan = rows.map(row => row['QUERY PLAN']).join('\n')
    for (const table of ['series', 'addresses', 'resources']) {
      expect(plan).toMatch(new RegExp(`Index Scan using ${table}_organization_number_pk\\S* on `))
    }
    await store.close()
  })

  describe('replicas', () => {
    test('answer first pages and names; reads with a cursor, in order of arrival or by ID go to the primary', async () => {
      await using primarySchema = await makeSchema()
      await using replicaSchema = await makeSchema()
      // A database with another event, which shows which one answered. As in a real replica, the numbers of values are
      // those of the primary, and if the events differ, their number does.
      const replica = await openAt(replicaSchema.url)
      const store = await openAt(primarySchema.url, { replicas: [replicaSchema.url] })
      const here = event()
      const there = event({ resourceId: here.resourceId })
      const later = event({ resourceId: here.resourceId, createdAt: here.createdAt + 1 })
      await store.append([here, later])
      await replica.append([there])
      await replica.updateDirectory({
        organizationId: ORGANIZATION,
        kind: 'user',
        entries: [user()],
        complete: true,
      })
      const reader = store.reader(owner)
      const after = { createdAt: 0, id: FEED_START }
      const oldest = { order: 'oldest-first' } as const
      expect(await reader.events(query())).toMatchObject({ events: [there] })
      expect(await reader.events(query({ ...oldest, after }))).toMatchObject({
        events: [here, later],
      })
      const key = { organizationId: ORGANIZATION, id: uuid(1) }
      expect(await reader.directory([key])).toEqual([user()])
      expect(await store.membership(key)).toBeNull()
      expect(await arrived(reader)).toEqual([here.id, later.id])
      expect(await reader.lastArrival(ORGANIZATION)).toBe(later.id)
      expect(await reader.eventsById([here.id, there.id])).toMatchObject([here, null])
      await replica.close()
      await store.close()
    })

    test('that lag behind answer no page with a cursor, forward or back, and nothing in order of arrival', async () => {
      await using primarySchema = await makeSchema()
      await using replicaSchema = await makeSchema()
      const replica = await openAt(replicaSchema.url)
      const store = await openAt(primarySchema.url, { replicas: [replicaSchema.url] })
      const people = [1, 2, 3].map(number => user({ id: uuid(number), name: `No ${number}` }))
      const events = people.map(({ id }) => event({ principalId: id }))
      const [oldest, middle, newest] = events as [Event, Event, Event]
      const window = { organizationId: ORGANIZATION, from: 1, until: 2, events: 3, readAt: 3 }
      // As in a real replica, the numbers of values are those that the primary had at that time.
      await store.append([oldest])
      await store.appendRead(events, [window])
      await store.nameOrganization({ id: ORGANIZATION, name: 'Now' })
      // The replica has only the oldest event and its principal.
      await replica.append([oldest])
      await replica.nameOrganization({ id: ORGANIZATION, name: 'Before' })
      const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: true }
      await store.updateDirectory({ ...listing, entries: people })
      await replica.updateDirectory({ ...listing, entries: people.slice(0, 1) })

      const log = store.reader(owner)
      const far = { createdAt: newest.createdAt + 1, id: newest.id }
      const before = { createdAt: 0, id: FEED_START }
      const forward = [newest, middle, oldest]
      const back = [oldest, middle, newest]
      for (const [part, expected] of [
        [{ after: far }, forward],
        [{ before }, forward],
        [{ after: far, before }, forward],
        [{ before, fromEnd: true }, forward],
        [{ after: far, fromEnd: true }, forward],
        [{ arrivedBy: newest.id }, forward],
        [{ order: 'oldest-first', after: before }, back],
        [{ order: 'oldest-first', before: far }, back],
        [{ order: 'oldest-first', before: far, fromEnd: true }, back],
        [{ before: oldest }, [newest, middle]],
        [{ before: middle, fromEnd: true, limit: 1 }, [newest]],
        [{ before, filter: { userAgent: 'curl' } }, forward],
        [{ before, filter: { principalIds: [uuid(2), uuid(3)] } }, [newest, middle]],
      ] as const) {
        const page = await log.events(query(part))
        expect([part, page.events.map(({ id }) => id)]).toEqual([
          part,
          expected.map(({ id }) => id),
        ])
      }
      // This shows that the replica was in use; one that does not answer in time is left out for ten seconds.
      await expect
        .poll(async () => (await log.events(query())).events.map(({ id }) => id))
        .toEqual([oldest.id])

      const listed = { organizationId: ORGANIZATION, search: null, limit: 9 }
      const start = { name: '', id: FEED_START }
      const end = { name: 'Z', id: FEED_START }
      for (const place of [
        { after: start, before: null, fromEnd: false },
        { after: null, before: end, fromEnd: false },
        { after: null, before: end, fromEnd: true },
        { after: start, before: null, fromEnd: true },
      ]) {
        const { principals } = await log.principals({ ...listed, ...place })
        expect([place, principals.map(({ name }) => name)]).toEqual([
          place,
          ['No 1', 'No 2', 'No 3'],
        ])
      }

      expect(await arrived(log)).toEqual(back.map(({ id }) => id))
      expect(await arrived(log, 1)).toEqual(back.map(({ id }) => id))
      expect(await log.lastArrival(ORGANIZATION)).toBe(newest.id)
      expect(await log.eventsById([newest.id])).toMatchObject([newest])
      expect(await log.coverage(ORGANIZATION)).toMatchObject({ latest: newest.createdAt })
      expect(await store.readWindows(ORGANIZATION)).toEqual([window])
      expect(await log.organizations()).toEqual([{ id: ORGANIZATION, name: 'Now' }])

      const made = newToken({ name: null, grants: OWNER, expiresAt: null }, 0)
      await store.tokens.create(made.token, made.hash)
      const app = createApp({ store, reportFault: error => expect(error).toBeNull() })
      const ask = async (selection: string) => {
        const response = await app.fetch(
          new Request('http://127.0.0.1/graphql', {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-auth-token': made.secret },
            body: JSON.stringify({
              query: `{ organization(id: "${ORGANIZATION}") { name ${selection} } }`,
            }),
          }),
        )
        const { data } = (await response.json()) as { data: Graph }
        return data.organization
      }
      const nodes = 'edges { cursor node { id: eventId } }'
      const { events: first } = await ask(`events(first: 1) { ${nodes} }`)
      const cursor = first.edges[0]?.cursor
      expect(first.edges.map(({ node }) => node.id)).toEqual([oldest.id])
      for (const args of [
        `last: 9, before: "${cursor}"`,
        `first: 9, orderBy: CREATED_AT_ASC, after: "${cursor}"`,
      ]) {
        const page = (await ask(`events(${args}) { ${nodes} }`)).events
        expect(page.edges.map(({ node }) => node.id).toSorted()).toEqual([middle.id, newest.id])
      }
      const feed = (await ask('eventFeed(first: 9) { cursor }')).eventFeed
      expect(feed.cursor).toBe(newest.id)
      app.close()
      await replica.close()
      await store.close()
    })

    test('that fail are replaced by the primary', async () => {
      await using schema = await makeSchema()
      await using empty = await makeSchema()
      const silent = createServer().listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const { port } = silent.address() as AddressInfo
      silent.close()
      await once(silent, 'close')
      const replicas = [`postgres://postgres:${SECRET}@127.0.0.1:${port}/test`, empty.url]
      const store = await openAt(schema.url, { replicas })
      const one = event()
      await store.append([one])
      const reader = store.reader(owner)
      for (let round = 0; round < 4; round++) {
        expect(await reader.events(query())).toMatchObject({ events: [one] })
        expect(await reader.countEvents(ORGANIZATION, { userAgent: 'curl' })).toBe(1)
      }
      await store.close()
    })
  })

  describe('with commands', () => {
    function expectNoPassword({ stdout, stderr }: Ended): void {
      expect(stdout + stderr).not.toContain(SECRET)
    }

    async function command(url: string, ...args: string[]) {
      using folder = temporaryFolder()
      const environment = {
        IAM_LOGS_DATABASE: withPassword(url),
        IAM_LOGS_REPLICAS: withPassword(url),
      }
      const ended = await run(args, { cwd: folder.path, environment })
      expectNoPassword(ended)
      return ended
    }

    test('is migrated by several processes at once; serve refuses one that is not up to date, or that is newer', async () => {
      await using schema = await makeSchema()
      const refused = await command(schema.url, 'serve', '--port', '0')
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toMatch(
        /^error: database ".*" is not up to date; run: iam-logs migrate\n$/,
      )
      const migrations = await Promise.all([1, 2, 3].map(() => command(schema.url, 'migrate')))
      for (const { code, stdout } of migrations) {
        expect(code).toBe(0)
        expect(stdout).toMatch(/is up to date\n$/)
      }
      const tables = `${schema.applicationName}.__drizzle_migrations`
      await onServer(`UPDATE ${tables} SET created_at = created_at + 1`)
      for (const name of ['serve', 'migrate']) {
        const newer = await command(schema.url, name)
        expect(newer.code).toBe(1)
        expect(newer.stderr).toMatch(/^error: database ".*" was made by a newer version of .*\n$/)
      }
    })

    test('is reduced by retention, found sound by verify, and used by serve, without the password in any output', async () => {
      await using schema = await makeSchema()
      await command(schema.url, 'migrate')
      const store = await openAt(schema.url)
      await store.append([event(), event({ createdAt: at('2024-05-05T00:00:00Z') })])
      await store.close()
      const retention = ['retention', '--before', '2025-06-15']
      const preview = await command(schema.url, ...retention, '--dry-run')
      expect(preview.stdout).toMatch(
        /: 1 event dated before 2025-06-01 would be deleted permanently\n$/,
      )
      const dropped = await command(schema.url, ...retention, '--yes')
      expect(dropped.stdout).toBe(
        `${preview.stdout}1 event deleted; events from 2025-06-01 on are kept\n`,
      )
      expect((await command(schema.url, 'verify')).stdout).toMatch(/: no faults found\n$/)
      using folder = temporaryFolder()
      const environment = { IAM_LOGS_DATABASE: withPassword(schema.url) }
      const server: Running = start(['serve', '--port', '0'], { cwd: folder.path, environment })
      const line = await server.line(/listening on/)
      const url = /http:\S+\d/.exec(line)?.[0] ?? ''
      expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({ database: 'ok' })
      expectNoPassword(await server.stop())
    })

    test('has each run of retention in the audit trail, with the user and the number of events', async () => {
      await using schema = await makeSchema()
      await command(schema.url, 'migrate')
      const store = await openAt(schema.url)
      await store.append([event(), event({ createdAt: at('2024-05-05T00:00:00Z') })])
      await store.close()
      using folder = temporaryFolder()
      const { path: cwd } = folder
      const environment = {
        IAM_LOGS_DATABASE: withPassword(schema.url),
        IAM_LOGS_AUDIT: 'audit.ndjson',
      }
      for (const before of ['2025-06-15', '2026-02-15']) {
        await run(['retention', '--before', before, '--yes'], { cwd, environment })
      }
      const text = readFileSync(join(cwd, 'audit.ndjson'), 'utf8')
      const records = text.trimEnd().split('\n')
      const operator = { event: 'events_dropped', command: 'retention', user: expect.any(String) }
      expect(records.map(record => JSON.parse(record))).toMatchObject([
        { ...operator, before: '2025-06-15T00:00:00.000000Z', events: 1 },
        { ...operator, before: '2026-02-15T00:00:00.000000Z', events: 1 },
      ])
      expect(text).not.toContain(SECRET)
    })

    test('that cannot be opened is reported in one line without the password', async () => {
      const address = new URL(SERVER_URL ?? '')
      const reachable = address.href
      address.port = '1'
      for (const [url, complaint] of [
        [address.href, /cannot be opened: .*ECONNREFUSED/],
        [reachable.replace(/\/[^/]*$/, '/none_such'), /cannot be opened: .*none_such/],
        ['postgres://nobody.invalid/test', /cannot be opened/],
        ['postgres://host:port/test', /is not the address of a PostgreSQL server/],
      ] as const) {
        const secret = url.includes('port/')
          ? url.replace('//', `//me:${SECRET}@`)
          : withPassword(url)
        using folder = temporaryFolder()
        const ended = await run(['verify', '--database', secret], { cwd: folder.path })
        expectNoPassword(ended)
        expect(ended).toMatchObject({ code: 1, stdout: '' })
        expect(ended.stderr).toMatch(/^error: database [^\n]*\n$/)
        expect(ended.stderr).toMatch(complaint)
      }
      using folder = temporaryFolder()
      const replicas = { IAM_LOGS_REPLICAS: `mysql://me:${SECRET}@host/x` }
      const wrong = await run(['verify'], { cwd: folder.path, environment: replicas })
      expectNoPassword(wrong)
      expect(wrong.stderr).toMatch(/^error: IAM_LOGS_REPLICAS contains an address/)
    })
  })
})
