// The size of the log and the speed of pages on SQLite: `npm run bench -- storage [--events N] [--database FILE]`.
// Default: ten million sample events. If FILE exists, it is measured as it is.

import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Event, EventFilter, EventQuery, Position, RecordedEvent } from '../src/event.ts'
import { parseInstant } from '../src/instant.ts'
import type { LogReader } from '../src/log-reader.ts'
import { scalewayIds } from '../src/principal.ts'
import { sampleHistory } from '../src/sample/history.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import { visibilityOf } from '../src/visibility.ts'
import { CONDITIONS, ordered } from './filters.ts'

const PAGE = 50
/** The number of events whose values are used in filters. */
const PROBES = 60
const BATCH = 50_000

export async function benchStorage(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { events: { type: 'string', default: '10000000' }, database: { type: 'string' } },
  })
  const folder = values.database === undefined ? mkdtempSync(join(tmpdir(), 'bench-')) : null
  const file = values.database ?? join(folder ?? '', 'bench.db')
  if (!existsSync(file)) {
    const store = await openStore(file, { scalewayIds: scalewayIds() })
    await fill(store, Number(values.events))
    await store.close()
  }
  // While the database is open, its newest pages are in the WAL.
  const bytes = statSync(file).size
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  try {
    const organizationIds = await store.organizationIds()
    const reader = store.reader(
      visibilityOf({
        id: 'bench',
        name: null,
        memberships: organizationIds.map(organizationId => ({
          organizationId,
          owner: true,
          permissionSets: [],
        })),
      }),
    )
    const counts = await Promise.all(organizationIds.map(id => reader.countEvents(id, {})))
    const all = counts.reduce((sum, count) => sum + count, 0)
    const largest = organizationIds[counts.indexOf(Math.max(...counts))] ?? ''
    print('bytes per event, with all indexes', bytes / all, 200, 'B')
    await readPages(reader, largest)
  } finally {
    await store.close()
    if (folder !== null) rmSync(folder, { recursive: true })
  }
}

/** Appends a sample history of three Organizations, and prints how fast. */
export async function fill(store: AuditStore, events: number): Promise<void> {
  const until = parseInstant('2026-11-01T00:00:00Z') ?? 0
  const history = sampleHistory({ seed: 1, events, organizations: 3, until })
  let [taken, milliseconds] = [0, 0]
  let batch: Event[] = []
  const append = async () => {
    const start = performance.now()
    await store.append(batch)
    milliseconds += performance.now() - start
    taken += batch.length
    batch = []
    if (taken === 1_000_000 && taken < events) printRate('the first million', taken, milliseconds)
  }
  for (const made of history.batches()) {
    batch.push(...made)
    if (batch.length >= BATCH) await append()
  }
  if (batch.length > 0) await append()
  for (const listing of history.directory()) await store.updateDirectory(listing)
  printRate(`all ${events.toLocaleString('en')}`, taken, milliseconds)
}

function printRate(which: string, events: number, milliseconds: number): void {
  print(`events appended per second, ${which}`, (events / milliseconds) * 1000, -50_000, '/s')
}

async function readPages(reader: LogReader, organizationId: string): Promise<void> {
  const ask = (given: Partial<EventQuery>) =>
    reader.events({
      organizationId,
      filter: {},
      order: 'newest-first',
      after: null,
      before: null,
      limit: PAGE,
      fromEnd: false,
      ...given,
    })
  const oldest = (await ask({ order: 'oldest-first' })).events[0]?.createdAt ?? 0
  const newest = (await ask({})).events[0]?.createdAt ?? 0
  const places = Array.from({ length: PROBES }, (_, number): Position => {
    const createdAt = oldest + Math.floor(((newest - oldest) * (number + 0.5)) / PROBES)
    return { createdAt, id: 'ffffffff-ffff-4fff-bfff-ffffffffffff' }
  })
  const probes: RecordedEvent[] = []
  for (const after of places) probes.push(...(await ask({ after, limit: 1 })).events)

  /** The times of two pages for each probe: the first page, and one from the middle of the history. */
  async function time(filterOf: (probe: RecordedEvent, number: number) => EventFilter) {
    const milliseconds: number[] = []
    for (const [number, probe] of probes.entries()) {
      const filter = filterOf(probe, number)
      for (const after of [null, places[(number * 7) % PROBES] ?? null]) {
        await ask({ filter, after })
        const start = performance.now()
        await ask({ filter, after })
        milliseconds.push(performance.now() - start)
      }
    }
    return milliseconds.sort((a, b) => a - b)
  }

  const report = (name: string, times: readonly number[], goal: number) => {
    const at = (part: number) => times[Math.floor((times.length - 1) * part)] ?? 0
    print(name, at(0.5), goal, 'ms', `p90 ${at(0.9).toFixed(2)}, worst ${at(1).toFixed(1)} ms`)
  }
  report('no filter', await time(() => ({})), 1)
  const names = Object.keys(CONDITIONS)
  for (const name of names) {
    report(name, await time(probe => CONDITIONS[name]?.(probe) ?? {}), 1)
  }
  for (const [number, one] of names.entries()) {
    for (const other of names.slice(number + 1)) {
      const both = (a: RecordedEvent, b: RecordedEvent) => ({
        ...CONDITIONS[one]?.(a),
        ...CONDITIONS[other]?.(b),
      })
      report(`${one} + ${other}`, await time(probe => both(probe, probe)), 10)
      const strangers = (probe: RecordedEvent, at: number) =>
        ordered(both(probe, probes[(at * 13 + 5) % probes.length] ?? probe))
      report(`${one} + ${other}, of two events`, await time(strangers), 10)
    }
  }
}

/** Prints a measurement and its goal: a maximum, or a minimum if negative. */
function print(name: string, figure: number, goal: number, unit: string, rest = ''): void {
  const reached = goal < 0 ? figure >= -goal : figure <= goal
  const shown = figure >= 1000 ? Math.round(figure).toLocaleString('en') : figure.toFixed(3)
  process.stdout.write(
    `${reached ? '  ' : '✗ '}${name.padEnd(46)} ${shown.padStart(10)} ${unit.padEnd(3)} (goal ${Math.abs(goal)}) ${rest}\n`,
  )
}
