// How fast events are appended durably while another process reads N pages per second: `npm run bench -- ingest
// [--events N] [--batch N] [--reads N] [--database URL]`. On SQLite the same rows of the largest tables are then inserted
// one by one into a second file, with the same reads: this is the cost of the database alone.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Event } from '../src/event.ts'
import { parseInstant } from '../src/instant.ts'
import { scalewayIds } from '../src/principal.ts'
import { sampleHistory } from '../src/sample/history.ts'
import { fileOf } from '../src/storage/database-address.ts'
import { openStore } from '../src/storage/open.ts'
import { openStoreForIntake } from '../src/storage/sqlite/append-thread.ts'
import { openConnection } from '../src/storage/sqlite/sqlite-connection.ts'
import type { AuditStore } from '../src/store.ts'
import { visibilityOf } from '../src/visibility.ts'

/** Events generated at once, while the timer is stopped. */
const CHUNK = 200_000
/** Concurrent batches: one is written while the next is prepared. */
const CONCURRENT = 2

export async function benchIngest(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: 'string', default: '1000000' },
      batch: { type: 'string', default: '20000' },
      reads: { type: 'string', default: '50' },
      database: { type: 'string' },
    },
  })
  const [events, batch, reads] = [values.events, values.batch, values.reads].map(Number) as [
    number,
    number,
    number,
  ]
  const folder = values.database === undefined ? mkdtempSync(join(tmpdir(), 'bench-')) : null
  const address = values.database ?? join(folder ?? '', 'bench.db')
  try {
    const file = fileOf(address)
    if (file !== null && existsSync(file)) throw new Error(`${file} exists; name a new file`)
    const store = await openStoreForIntake(address, { scalewayIds: scalewayIds(), migrate: true })
    const ours = await timed(address, reads, clock => takeIn(store, events, batch, clock))
    await store.close()
    report('this program', events, ours)
    if (file === null) return
    const control = `${file}.plain`
    await (await openStore(control, { scalewayIds: scalewayIds() })).close()
    const plain = await openConnection(control)
    const made = await openConnection(file)
    const theirs = await timed(control, reads, async clock =>
      insertPlain(made, plain, batch, clock),
    )
    made.close()
    plain.close()
    for (const end of ['', '-wal', '-shm']) rmSync(control + end, { force: true })
    report('plain inserts', events, theirs)
    const [time, cpu] = [theirs.seconds / ours.seconds, theirs.cpuSeconds / ours.cpuSeconds]
    process.stdout.write(
      `compared with plain inserts: ${time.toFixed(2)} times the rate, ${(1 / cpu).toFixed(2)} times the CPU\n`,
    )
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true })
  }
}

interface Figures {
  readonly seconds: number
  readonly cpuSeconds: number
  /** The duration of each read in milliseconds, ascending. */
  readonly reads: readonly number[]
}

/** Runs a part of the work; only these parts are timed. */
type Timer = (work: () => Promise<unknown> | unknown) => Promise<void>

async function timed(
  address: string,
  reads: number,
  work: (clock: Timer) => Promise<void>,
): Promise<Figures> {
  const reader = fork(fileURLToPath(import.meta.url), ['--read', address, String(reads)])
  await once(reader, 'message')
  let [seconds, cpuSeconds] = [0, 0]
  try {
    await work(async part => {
      reader.send('on')
      const [start, cpu] = [performance.now(), process.cpuUsage()]
      await part()
      const { user, system } = process.cpuUsage(cpu)
      seconds += (performance.now() - start) / 1000
      cpuSeconds += (user + system) / 1e6
      reader.send('off')
    })
    return { seconds, cpuSeconds, reads: await readTimes(reader) }
  } finally {
    reader.kill()
  }
}

async function readTimes(reader: ChildProcess): Promise<number[]> {
  const told = once(reader, 'message')
  reader.send('tell')
  const [times] = (await told) as [number[]]
  return times.sort((a, b) => a - b)
}

async function takeIn(store: AuditStore, events: number, size: number, clock: Timer) {
  const until = parseInstant('2026-11-01T00:00:00Z') ?? 0
  const history = sampleHistory({ seed: 1, events, organizations: 3, until })
  let waiting: Event[] = []
  const take = () =>
    clock(async () => {
      let underWay: Promise<unknown>[] = []
      for (let from = 0; from < waiting.length; from += size) {
        underWay.push(Promise.resolve(store.append(waiting.slice(from, from + size))))
        if (underWay.length < CONCURRENT) continue
        await underWay[0]
        underWay = underWay.slice(1)
      }
      await Promise.all(underWay)
    })
  for (const made of history.batches()) {
    for (const event of made) waiting.push(event)
    if (waiting.length < CHUNK) continue
    await take()
    waiting = []
  }
  if (waiting.length > 0) await take()
}

type Connection = Awaited<ReturnType<typeof openConnection>>

/** Inserts the rows of the tables that grow with the number of events: events, IDs and resources. */
async function insertPlain(made: Connection, plain: Connection, size: number, clock: Timer) {
  for (const table of [
    'organizations',
    'kinds',
    'principals',
    'user_agents',
    'addresses',
    'series',
  ]) {
    const rows = made.prepare(`SELECT * FROM ${table}`).raw().all() as unknown[][]
    const marks = rows[0]?.map(() => '?').join(',')
    const insert = plain.prepare(`INSERT INTO ${table} VALUES (${marks})`)
    plain.transaction(() => {
      for (const row of rows) insert.run(row)
    })()
  }
  const event = plain.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const id = plain.prepare('INSERT INTO new_event_ids VALUES (?, ?, ?)')
  const resource = plain.prepare('INSERT INTO resources VALUES (?, ?, ?)')
  const batches = made
    .prepare(
      'SELECT * FROM events WHERE organization = ? AND sequence > ? ORDER BY sequence LIMIT ?',
    )
    .raw()
  const found = made
    .prepare('SELECT * FROM resources WHERE organization = ? AND number > ? AND number <= ?')
    .raw()
  const keys = made.prepare('SELECT key FROM organizations').pluck().all() as number[]
  for (const organization of keys) {
    let [last, lastResource] = [0, 0]
    for (;;) {
      const rows = batches.all(organization, last, size) as number[][]
      if (rows.length === 0) break
      const newest = rows.reduce((most, row) => Math.max(most, row[5] ?? 0), lastResource)
      const resources = found.all(organization, lastResource, newest) as unknown[][]
      await clock(async () =>
        plain.transaction(() => {
          for (const row of resources) resource.run(row)
          for (const row of rows) {
            event.run(row)
            id.run(row[0], row[3], row[1])
          }
        })(),
      )
      last = rows.at(-1)?.[1] ?? last
      lastResource = newest
    }
  }
}

function report(name: string, events: number, { seconds, cpuSeconds, reads }: Figures): void {
  const at = (part: number) => (reads[Math.floor((reads.length - 1) * part)] ?? 0).toFixed(1)
  const rate = Math.round(events / seconds).toLocaleString('en')
  const cpu = ((cpuSeconds / events) * 1e6).toFixed(1)
  process.stdout.write(
    `${name.padEnd(26)} ${rate.padStart(9)} events/s (goal 100,000), ${cpu} µs of CPU each; ${reads.length} concurrent reads: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (goal 20)\n`,
  )
}

/** Runs in its own process: reads pages of each Organization in turn, the newest and from the middle of the history. */
async function read(address: string, each: number): Promise<void> {
  const store = await openStore(address, { scalewayIds: scalewayIds() })
  const times: number[] = []
  let isOn = false
  process.on('message', message => {
    isOn = message === 'on'
    if (message === 'tell') process.send?.(times.splice(0))
  })
  process.send?.('ready')
  for (let number = 0; process.connected; number++) {
    const due = performance.now() + 1000 / each
    const organizationIds = isOn ? await store.organizationIds() : []
    const organizationId = organizationIds[number % organizationIds.length]
    if (organizationId !== undefined) {
      const reader = store.reader(
        visibilityOf({
          id: 'bench',
          name: null,
          memberships: [{ organizationId, owner: true, permissionSets: [] }],
        }),
      )
      const createdBefore = parseInstant('2026-01-01T00:00:00Z') ?? 0
      const start = performance.now()
      await reader.events({
        organizationId,
        filter: number % 2 === 0 ? {} : { createdBefore, actions: ['deleted'] },
        order: 'newest-first',
        after: null,
        before: null,
        limit: 50,
        fromEnd: false,
      })
      times.push(performance.now() - start)
    }
    await new Promise(resolve => setTimeout(resolve, Math.max(0, due - performance.now())))
  }
  await store.close()
}

const [, , job, address, each] = process.argv
if (job === '--read' && address !== undefined) await read(address, Number(each))
