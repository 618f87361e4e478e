// How response times change as the log grows, on SQLite:
// `npm run bench -- growth [--events 1000000,10000000] [--database FILE,FILE]`. Prints times of each read, their ratio to
// those of the smallest log, and how long the read blocks the event loop (`blocked`).

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type EventFilter, type EventQuery, FEED_START, type RecordedEvent } from '../src/event.ts'
import type { LogReader } from '../src/log-reader.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import { visibilityOf } from '../src/visibility.ts'
import { freePort } from '../test/support/ports.ts'
import { CONDITIONS, ordered } from './filters.ts'
import { fill } from './storage.ts'

const PAGE = 50
const HOUR = 3_600_000_000
/** The number of events whose values are used in filters. */
const PROBES = 24
/** Of these, the number used for each pair of conditions. */
const PAIR_PROBES = 6
/** Of these, the number used for counts. */
const COUNT_PROBES = 6

/** How many pages are read before any is measured. */
const WARM_UP = 3_000

/** Times in milliseconds. */
interface Figure {
  /** Wall-clock time of each read. */
  readonly times: number[]
  /** The same for the first read of each, which looks up the values of its filter. */
  readonly firsts: number[]
  /** CPU time of all reads, and their number. Unlike wall-clock time, correct also on a shared machine. */
  cpu: number
  asked: number
  /** The longest time between two turns of the event loop, as CPU time. */
  blocked: number
}

type Figures = Map<string, Figure>

function noFigure(asked: number): Figure {
  return { times: [], firsts: [], cpu: 0, asked, blocked: 0 }
}

export async function benchGrowth(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: 'string', default: '1000000,10000000' },
      database: { type: 'string' },
    },
  })
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const files =
    values.database?.split(',') ??
    values.events.split(',').map(events => join(folder, `${events}.db`))
  const sizes: { events: number; figures: Figures }[] = []
  try {
    for (const [at, file] of files.entries()) {
      const store = await openStore(file, { scalewayIds: scalewayIds() })
      try {
        const wanted = Number(values.events.split(',')[at])
        if ((await store.organizationIds()).length === 0) await fill(store, wanted)
        sizes.push(await measure(store, file))
        report(sizes)
      } finally {
        await store.close()
      }
      if (values.database === undefined) rmSync(file)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(store: AuditStore, file: string) {
  const organizationIds = await store.organizationIds()
  const memberships = organizationIds.map(organizationId => ({
    organizationId,
    owner: true,
    permissionSets: [],
  }))
  const reader = store.reader(visibilityOf({ id: 'bench', name: null, memberships }))
  const counts = await Promise.all(organizationIds.map(id => reader.countEvents(id, {})))
  const largest = organizationIds[counts.indexOf(Math.max(...counts))] ?? ''
  const events = counts.reduce((sum, count) => sum + count, 0)
  process.stderr.write(`measuring ${events.toLocaleString('en')} events\n`)
  const figures: Figures = new Map()
  await askEverything(reader, largest, figures)
  await startUp(file, figures)
  return { events, figures }
}

/** Reads at least twice, short reads more often, and takes the shortest wall-clock time: other load disturbs it least. */
async function time(figures: Figures, name: string, ask: () => unknown): Promise<void> {
  const figure = figures.get(name) ?? noFigure(0)
  let [shortest, blocked, total] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0]
  for (let reads = 0; reads < 2 || (reads < 15 && total < 30); reads++) {
    const one = await timeOnce(ask)
    if (reads === 0) figure.firsts.push(one.took)
    shortest = Math.min(shortest, one.took)
    blocked = Math.min(blocked, one.blocked)
    total += one.took
    figure.cpu += one.cpu
    figure.asked++
  }
  figure.times.push(shortest)
  figure.blocked = Math.max(figure.blocked, blocked)
  figures.set(name, figure)
}

async function timeOnce(
  ask: () => unknown,
): Promise<{ took: number; cpu: number; blocked: number }> {
  let [blocked, isDone] = [0, false]
  const [begun, cpuBegun] = [performance.now(), cpuTime()]
  let last = cpuBegun
  const turn = () => {
    const now = cpuTime()
    blocked = Math.max(blocked, now - last)
    last = now
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  await ask()
  isDone = true
  const took = performance.now() - begun
  turn()
  return { took, cpu: last - cpuBegun, blocked }
}

/** Of this thread, in milliseconds. */
function cpuTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

async function askEverything(reader: LogReader, id: string, figures: Figures): Promise<void> {
  const page = (given: Partial<EventQuery>) =>
    reader.events({
      organizationId: id,
      filter: {},
      order: 'newest-first',
      after: null,
      before: null,
      limit: PAGE,
      fromEnd: false,
      ...given,
    })
  const oldest = (await page({ order: 'oldest-first' })).events[0]?.createdAt ?? 0
  const newest = (await page({})).events[0]?.createdAt ?? 0
  const places = Array.from({ length: PROBES }, (_, number) => ({
    createdAt: oldest + Math.floor(((newest - oldest) * (number + 0.5)) / PROBES),
    id: 'ffffffff-ffff-4fff-bfff-ffffffffffff',
  }))
  const probes: RecordedEvent[] = []
  for (const after of places) probes.push(...(await page({ after, limit: 1 })).events)

  async function timePages(name: string, filter: EventFilter, at: number): Promise<void> {
    await time(figures, name, () => page({ filter }))
    await time(figures, name, () => page({ filter, after: places[(at * 7) % PROBES] ?? null }))
  }
  // The first reads are slow, because the code is not compiled yet.
  for (let reads = 0; reads < WARM_UP; reads++)
    await page({ after: places[reads % PROBES] ?? null })
  for (const after of places) {
    await time(figures, 'first page', () => page({}))
    await time(figures, 'deep page', () => page({ after }))
  }
  for (const [name, filterOf] of Object.entries(CONDITIONS)) {
    for (const [at, probe] of probes.entries()) {
      await timePages(`page by ${name}`, filterOf(probe), at)
      if (at % Math.floor(PROBES / COUNT_PROBES) > 0) continue
      await time(figures, `totalCount by ${name}`, () => reader.countEvents(id, filterOf(probe)))
      await timeFigures(`by ${name}`, filterOf(probe))
    }
  }
  for (const [both, one, other] of pairs()) {
    for (let at = 0; at < PAIR_PROBES; at++) {
      const probe = probes[(at * 3 + 1) % probes.length]
      const stranger = probes[(at * 13 + 5) % probes.length]
      if (probe === undefined || stranger === undefined) continue
      const same = ordered({ ...one(probe), ...other(probe) })
      const apart = ordered({ ...one(probe), ...other(stranger) })
      await timePages('page by two conditions, of one event', same, at)
      await timePages('page by two conditions, of two events', apart, at)
      await timePages(`  page by ${both}`, apart, at)
      if (at % 4 > 0) continue
      await time(figures, 'totalCount by two conditions', () => reader.countEvents(id, same))
      await time(figures, 'totalCount by two conditions', () => reader.countEvents(id, apart))
      await time(figures, `  totalCount by ${both}`, () => reader.countEvents(id, apart))
    }
  }
  for (let again = 0; again < COUNT_PROBES; again++) {
    await time(figures, 'totalCount', () => reader.countEvents(id, {}))
    await timeFigures('', {})
  }

  /** Reads what a page of charts shows: counts by action, by principal, and by hour of the last year. */
  async function timeFigures(name: string, filter: EventFilter): Promise<void> {
    const last = Math.floor(newest / HOUR) + 1
    const edges = Array.from({ length: 8761 }, (_, hour) => (last - 8760 + hour) * HOUR)
    await time(figures, `eventCounts, ${name || 'of all'}`, async () => {
      const counts = await reader.eventCounts(id, filter)
      await counts.kinds()
      await counts.principals(10)
      await counts.times(edges)
    })
  }

  const keys = [...new Set(probes.map(probe => probe.principalId))].map(principal => ({
    organizationId: id,
    id: principal,
  }))
  for (const [at, { id: after, principalId }] of probes.entries()) {
    await time(figures, 'principal batch', () => [reader.directory(keys), reader.hasActed(keys)])
    const feed = (cursor: string, filter: EventFilter) =>
      reader.arrivals({ organizationId: id, filter, after: cursor, limit: PAGE })
    await time(figures, 'eventFeed', () => feed(at === 0 ? FEED_START : after, {}))
    await time(figures, 'eventFeed by principal', () =>
      feed(after, { principalIds: [principalId] }),
    )
  }
}

type FilterOf = (event: RecordedEvent) => EventFilter

function pairs(): [name: string, FilterOf, FilterOf][] {
  const all = Object.entries(CONDITIONS)
  return all.flatMap(([name, one], at) =>
    all
      .slice(at + 1)
      .map(([another, other]): [string, FilterOf, FilterOf] => [
        `${name} + ${another}`,
        one,
        other,
      ]),
  )
}

const COMMAND = fileURLToPath(new URL('../src/cli/iam-logs.js', import.meta.url))

/** The time from the start of the command to its first response. */
async function startUp(file: string, figures: Figures): Promise<void> {
  for (let again = 0; again < 3; again++) {
    const port = await freePort()
    const args = ['serve', '--database', file, '--no-sample', '--no-sync', '--port', String(port)]
    const begun = performance.now()
    const server = spawn(process.execPath, [COMMAND, ...args], { stdio: 'ignore' })
    try {
      while (!(await answers(port))) {
        if (server.exitCode !== null) throw new Error(`serve ended with ${server.exitCode}`)
        await setTimeout(10)
      }
      const figure = figures.get('start-up') ?? noFigure(1)
      figure.times.push(performance.now() - begun)
      figures.set('start-up', figure)
    } finally {
      await end(server)
    }
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health/live`)).ok
  } catch {
    return false
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  server.kill('SIGTERM')
  await once(server, 'exit')
}

/** Called after each size, because the next one takes ten times as long. */
function report(sizes: readonly { events: number; figures: Figures }[]): void {
  const [smallest] = sizes
  const first = 56
  const columns = ['median', 'ratio', 'p90', 'worst', 'first', 'cpu', 'ratio', 'blocked']
  const line = (name: string, cells: readonly string[]) =>
    process.stdout.write(`${name.padEnd(first)}${cells.join(' |')}\n`)
  const cell = (texts: readonly string[]) => texts.map(text => text.padStart(9)).join('')
  line(
    '',
    sizes.map(({ events }) => events.toLocaleString('en').padStart(9 * columns.length)),
  )
  line(
    'milliseconds',
    sizes.map(() => cell(columns)),
  )
  for (const [name, base] of smallest?.figures ?? []) {
    const cells = sizes.map(({ figures }) => {
      const figure = figures.get(name) ?? base
      const [median, cpu] = [quantile(figure.times, 0.5), figure.cpu / figure.asked]
      return cell([
        median.toFixed(2),
        (median / quantile(base.times, 0.5)).toFixed(2),
        quantile(figure.times, 0.9).toFixed(2),
        quantile(figure.times, 1).toFixed(1),
        quantile(figure.firsts, 0.5).toFixed(2),
        cpu.toFixed(2),
        // Of the start, no CPU time is measured.
        base.cpu === 0 ? '-' : (cpu / (base.cpu / base.asked)).toFixed(2),
        figure.blocked.toFixed(0),
      ])
    })
    line(name, cells)
  }
}

/** The quantile of the times, such as 0.9 for the 90th percentile. */
function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0
}
