// Compares PostgreSQL with SQLite: `npm run bench -- postgres --database postgres://… [--events N]`. The same sample
// events are appended to both; PostgreSQL gets the second half while another process reads pages from it. Everything is
// in a schema of its own, which is dropped at the end.

import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import pg from 'pg'
import { actionOf, type Event, type EventFilter, type EventQuery } from '../src/event.ts'
import { parseInstant } from '../src/instant.ts'
import type { LogReader } from '../src/log-reader.ts'
import { scalewayIds } from '../src/principal.ts'
import { sampleHistory } from '../src/sample/history.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import { visibilityOf } from '../src/visibility.ts'

const SCHEMA = 'iam_logs_bench'
const BATCH = 10_000
/** Concurrent batches. */
const CONCURRENT = 2
const ROUNDS = 60

export async function benchPostgres(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      database: { type: 'string', default: process.env.IAM_LOGS_DATABASE ?? '' },
      events: { type: 'string', default: '1000000' },
    },
  })
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const admin = new pg.Client({ connectionString: values.database })
  await admin.connect()
  const address = new URL(values.database)
  address.searchParams.set('options', `-csearch_path=${SCHEMA}`)
  try {
    await admin.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; CREATE SCHEMA ${SCHEMA}`)
    const options = { scalewayIds: scalewayIds(), migrate: true }
    const postgres = await openStore(address.href, options)
    const file = join(folder, 'bench.db')
    const filled = await openStore(file, options)
    const batches = sample(Number(values.events))
    const half = Math.ceil(batches.length / 2)
    const server = await serverProcesses(admin)
    await take('append without reads', postgres, batches.slice(0, half), server)
    const reading = fork(fileURLToPath(import.meta.url), [address.href])
    await new Promise(resolve => reading.once('message', resolve))
    await take('append with concurrent reads', postgres, batches.slice(half), server)
    const times = await new Promise<number[]>(resolve => {
      reading.once('message', resolve)
      reading.send('stop')
    })
    const at = (part: number) => times[Math.floor((times.length - 1) * part)] ?? 0
    line(
      'concurrent reads',
      `${times.length}, p50 ${at(0.5).toFixed(1)}, p99 ${at(0.99).toFixed(1)} ms (goal 20)`,
    )
    for (const batch of batches) await filled.append(batch)
    // While the database is open, its newest pages are in the WAL.
    await filled.close()

    const { rows } = await admin.query<{ bytes: string }>(
      `SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c
        WHERE relnamespace = '${SCHEMA}'::regnamespace AND relkind = 'r'`,
    )
    const events = batches.reduce((sum, { length }) => sum + length, 0)
    const bytes = [statSync(file).size, Number(rows[0]?.bytes)] as const
    const [inSqlite, inPostgres] = bytes.map(bytes => (bytes / events).toFixed(0))
    line('bytes per event', `${inSqlite} in SQLite, ${inPostgres} in PostgreSQL`)
    const sqlite = await openStore(file, options)
    await sideBySide(sqlite, postgres, server)
    await postgres.close()
    await sqlite.close()
  } finally {
    await admin.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`)
    await admin.end()
    rmSync(folder, { recursive: true })
  }
}

function sample(events: number): Event[][] {
  const until = parseInstant('2026-11-01T00:00:00Z') ?? 0
  const batches: Event[][] = []
  const batch: Event[] = []
  for (const made of sampleHistory({ seed: 1, events, organizations: 3, until }).batches()) {
    batch.push(...made)
    while (batch.length >= BATCH) batches.push(batch.splice(0, BATCH))
  }
  return batch.length > 0 ? [...batches, batch] : batches
}

async function take(
  name: string,
  store: AuditStore,
  batches: readonly (readonly Event[])[],
  server: () => number | null,
): Promise<void> {
  const [cpu, serverCpu, start] = [process.cpuUsage(), server(), performance.now()]
  let [next, events] = [0, 0]
  const appendBatches = async () => {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) {
      const { added } = await store.append(batch)
      events += added
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT }, appendBatches))
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const micros = [`${((user + system) / events).toFixed(1)} µs of CPU per event here`]
  const after = server()
  if (serverCpu !== null && after !== null) {
    micros.push(`${(((after - serverCpu) * 1e6) / events).toFixed(1)} µs in the server`)
  }
  line(name, `${Math.round(events / seconds)} events/s (goal 40000); ${micros.join(', ')}`)
}

/** Returns a function that reads the CPU seconds of all the server's processes: `null` if they are not on this machine. */
async function serverProcesses(admin: pg.Client): Promise<() => number | null> {
  const { rows } = await admin.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const fieldsOf = (pid: string | number) => {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  }
  try {
    const [, parent = ''] = fieldsOf(rows[0]?.pid ?? 0)
    return () => {
      let ticks = 0
      // The processes that have ended, then those that still run.
      for (const field of fieldsOf(parent).slice(13, 15)) ticks += Number(field)
      for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
        try {
          const fields = fieldsOf(pid)
          if (fields[1] === parent) ticks += Number(fields[11]) + Number(fields[12])
        } catch {
          // The process has just ended.
        }
      }
      return ticks / 100
    }
  } catch {
    return () => null
  }
}

/** A reader that sees everything, and the ID of the largest Organization. */
async function largest(store: AuditStore): Promise<[reader: LogReader, organizationId: string]> {
  const ids = await store.organizationIds()
  const reader = store.reader(
    visibilityOf({
      id: 'bench',
      name: null,
      memberships: ids.map(organizationId => ({ organizationId, owner: true, permissionSets: [] })),
    }),
  )
  const counts = await Promise.all(ids.map(id => reader.countEvents(id, {})))
  return [reader, ids[counts.indexOf(Math.max(...counts))] ?? '']
}

const QUERY: Omit<EventQuery, 'organizationId'> = {
  filter: {},
  order: 'newest-first',
  after: null,
  before: null,
  limit: 50,
  fromEnd: false,
}

/** Sends the same reads to both databases; prints the median times, the CPU time per read, and whether results differ. */
async function sideBySide(
  sqlite: AuditStore,
  postgres: AuditStore,
  server: () => number | null,
): Promise<void> {
  const [first, organizationId] = await largest(sqlite)
  const [second] = await largest(postgres)
  const probes = await probesOf(first, organizationId)
  const year = Array.from({ length: 366 * 24 }, (_, hour) => Date.UTC(2025, 10, 1, hour) * 1000)
  const page = (filter: EventFilter, deep = false) => {
    return (log: LogReader, number: number) => {
      const after = deep ? (probes[(number * 7) % probes.length] ?? null) : null
      return log.events({ ...QUERY, organizationId, filter, after })
    }
  }
  const of = (number: number) => probes[number % probes.length] as Event
  type Ask = (log: LogReader, number: number) => unknown
  const questions: Record<string, Ask> = {
    'the newest page': page({}),
    'a deep page': page({}, true),
    'a page by action': (log, n) => page({ actions: [actionOf(of(n).action)] }, true)(log, n),
    'a page by principal': (log, n) => page({ principalIds: [of(n).principalId] })(log, n),
    'a page by resource': (log, n) => page({ resourceIds: [of(n).resourceId] })(log, n),
    'a page by user agent': (log, n) => page({ userAgent: of(n).userAgent ?? 'x' })(log, n),
    'a page of the feed': (log, n) =>
      log.arrivals({ organizationId, filter: {}, after: of(n).id, limit: 100 }),
    'events by 50 IDs': log => log.eventsById(probes.slice(0, 50).map(({ id }) => id)),
    'count by principal': (log, n) =>
      log.countEvents(organizationId, { principalIds: [of(n).principalId] }),
    'a year by hour': async log => (await log.eventCounts(organizationId, {})).times(year),
  }
  for (const [name, ask] of Object.entries(questions)) {
    const rounds = name.startsWith('a year') ? 5 : ROUNDS
    const [ours, theirs] = [await time(first, ask, rounds), await time(second, ask, rounds)]
    const different = ours.answers.filter(
      (answer, at) => !isDeepStrictEqual(plain(answer), plain(theirs.answers[at])),
    ).length
    line(
      name,
      `SQLite ${told(ours)}, PostgreSQL ${told(theirs)}: ${(theirs.median / ours.median).toFixed(1)} times as long${different > 0 ? `; ${different} results differ` : ''}`,
    )
  }

  async function time(log: LogReader, ask: Ask, rounds: number) {
    const [cpu, serverCpu] = [process.cpuUsage(), server() ?? 0]
    const times: number[] = []
    const answers: unknown[] = []
    for (let number = 0; number < rounds; number++) {
      const start = performance.now()
      answers.push(await ask(log, number))
      times.push(performance.now() - start)
    }
    const { user, system } = process.cpuUsage(cpu)
    const seconds = (user + system) / 1e6 + (server() ?? 0) - serverCpu
    const median = times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
    return { answers, median, cpu: (seconds * 1000) / rounds }
  }

  function told({ median, cpu }: { readonly median: number; readonly cpu: number }): string {
    return `${median.toFixed(2)} ms (CPU ${cpu.toFixed(2)})`
  }
}

/** Without the times at which events were recorded, which differ. */
function plain(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer, (key, value) => (key === 'recordedAt' ? 0 : value)))
}

/** Events at equal distances in the history. */
async function probesOf(log: LogReader, organizationId: string): Promise<Event[]> {
  const ask = async (given: Partial<EventQuery>) =>
    (await log.events({ ...QUERY, organizationId, limit: 1, ...given })).events
  const [newest] = await ask({})
  const [oldest] = await ask({ order: 'oldest-first' })
  const [from, until] = [oldest?.createdAt ?? 0, newest?.createdAt ?? 0]
  const probes: Event[] = []
  for (let number = 0; number < ROUNDS; number++) {
    const createdAt = from + Math.floor(((until - from) * (number + 0.5)) / ROUNDS)
    probes.push(
      ...(await ask({ after: { createdAt, id: 'ffffffff-ffff-4fff-bfff-ffffffffffff' } })),
    )
  }
  return probes
}

/** Runs in its own process: reads various pages one after the other, until it gets a message to stop. */
async function readUntilStopped(address: string): Promise<void> {
  const store = await openStore(address, { scalewayIds: scalewayIds() })
  const [log, organizationId] = await largest(store)
  const probes = await probesOf(log, organizationId)
  const times: number[] = []
  let stopped = false
  process.once('message', () => {
    stopped = true
  })
  process.send?.('begun')
  for (let number = 0; !stopped; number++) {
    const probe = probes[number % probes.length]
    const filters: EventFilter[] = [
      {},
      { principalIds: [probe?.principalId ?? ''] },
      { actions: ['deleted'] },
      { resourceIds: [probe?.resourceId ?? ''] },
    ]
    const after = number % 3 === 0 ? (probe ?? null) : null
    const start = performance.now()
    await log.events({ ...QUERY, organizationId, filter: filters[number % 4] ?? {}, after })
    times.push(performance.now() - start)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  await store.close()
  process.send?.(times.sort((a, b) => a - b))
}

function line(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(32)} ${text}\n`)
}

const [, entry, address] = process.argv
if (entry === fileURLToPath(import.meta.url) && address !== undefined)
  await readUntilStopped(address)
