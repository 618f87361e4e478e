// npm run soak -- [--minutes N] [--streams N] [--rate N] [--pages N]: checks that the server's memory and response times do
// not grow over time. RATE events per second are added by `iam-logs import` and sent to all streams, and PAGES pages per
// second are requested (default: half the maximum of the server). Memory should be stable after a quarter of the time, at
// most after five minutes.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { EVENTS, subscribe } from '../test/support/streams.ts'
import { QUERY } from './page.ts'
import { prepare } from './peers.ts'

const ENTRY = join(import.meta.dirname, '../src/cli/iam-logs.js')
const EVENTS_BEFORE = 50_000
/** The limit for one token; see `STREAM_LIMITS`. */
const STREAMS_OF_TOKEN = 20
const IMPORT_EVERY = 5_000
const MEASURE_EVERY = 10_000
/** How long the last events may take to reach all streams. */
const PATIENCE = 60_000
const MOST_GROWTH = 1
const MOST_SLOWER = 1.2

/** Measurements of one interval. */
interface Measurement {
  readonly minutes: number
  readonly megabytes: number
  /** Response times in milliseconds. */
  readonly took: readonly number[]
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    streams: { type: 'string', default: '100' },
    rate: { type: 'string', default: '10' },
    pages: { type: 'string' },
  },
})
const [minutes, streams, rate] = [values.minutes, values.streams, values.rate].map(Number) as [
  number,
  number,
  number,
]
const folder = mkdtempSync(join(tmpdir(), 'soak-'))
const file = join(folder, 'soak.db')
const refused: string[] = []
let server: ChildProcess | null = null
try {
  const { token, organization } = await prepare(file, EVENTS_BEFORE)
  const tokens = [token]
  while (tokens.length * STREAMS_OF_TOKEN < streams) {
    tokens.push((await prepare(file, EVENTS_BEFORE)).token)
  }
  server = command(['serve', '--port', '0', '--no-sample', '--no-sync'])
  const lines = createInterface(server.stdout as NodeJS.ReadableStream)
  const [line] = (await once(lines, 'line')) as [string]
  const url = /http:\/\/[^\s;]+/.exec(line)?.[0] ?? ''
  const ask = page(url, token, organization)
  const pages = values.pages === undefined ? (await mostAnswers(ask)) / 2 : Number(values.pages)
  process.stdout.write(
    `${minutes} minutes, ${streams} streams, ${rate} events and ${pages.toFixed(0)} pages per second\n`,
  )
  const told = await listen(url, tokens, organization)
  const ending = new AbortController()
  const taking = takeIn(organization, ending.signal)
  const looks = await watch(server.pid ?? 0, ask, pages)
  ending.abort()
  const taken = await taking
  const late = performance.now() + PATIENCE
  while (told().some(count => count < taken) && performance.now() < late) await delay(100)
  report(looks, taken, told())
} finally {
  if (server !== null && server.exitCode === null) {
    server.kill()
    await once(server, 'exit')
  }
  rmSync(folder, { recursive: true })
}

function command(args: readonly string[], input: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
  return spawn(process.execPath, [ENTRY, ...args, '--database', file], {
    stdio: [input, 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      IAM_LOGS_LOG_LEVEL: 'fatal',
      IAM_LOGS_WORKERS: '1',
      IAM_LOGS_RATE: '0',
    },
  })
}

/** Returns a function that requests a page and returns its response time in milliseconds. */
function page(url: string, token: string, organization: string): () => Promise<number> {
  const body = JSON.stringify({ query: QUERY, variables: { organization } })
  const headers = { 'content-type': 'application/json', 'x-auth-token': token }
  return async () => {
    const asked = performance.now()
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
    const answer = await response.text()
    if (response.status !== 200 || answer.includes('"errors"')) refused.push(answer.slice(0, 200))
    return performance.now() - asked
  }
}

/** The number of responses per second to four concurrent clients. */
async function mostAnswers(ask: () => Promise<number>): Promise<number> {
  const SECONDS = 5
  for (let early = 0; early < 200; early++) await ask()
  const end = performance.now() + SECONDS * 1000
  let answers = 0
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (; performance.now() < end; answers++) await ask()
    }),
  )
  return answers / SECONDS
}

/** Resolves when all streams are open, to a function that returns the number of events that each has received. */
async function listen(
  url: string,
  tokens: readonly string[],
  organizationId: string,
): Promise<() => readonly number[]> {
  const counts: number[] = Array(streams).fill(0)
  const door = (path: string, init: RequestInit) => fetch(`${url}${path}`, init)
  for (let number = 0; number < streams; number++) {
    const token = tokens[Math.floor(number / STREAMS_OF_TOKEN)] ?? ''
    const listener = await subscribe(door, { token, query: EVENTS, variables: { organizationId } })
    const hear = async () => {
      for (let next = await listener.next(); next !== null; next = await listener.next()) {
        if (next.event === 'next') counts[number] = (counts[number] ?? 0) + 1
      }
    }
    hear().catch(() => {})
  }
  return () => counts
}

/** Imports repeatedly until aborted, and returns the number of imported events. */
async function takeIn(organization: string, ending: AbortSignal): Promise<number> {
  let taken = 0
  while (!ending.aborted) {
    const begun = performance.now()
    const count = Math.round((rate * IMPORT_EVERY) / 1000)
    const importing = command(['import', '-'], 'pipe')
    const ended = once(importing, 'exit')
    importing.stdout?.resume()
    importing.stdin?.end(
      Array.from({ length: count }, (_, at) => lineOf(organization, at)).join(''),
    )
    const [code] = await ended
    if (code === 0) taken += count
    else refused.push(`an import ended with ${code}`)
    await delay(Math.max(0, IMPORT_EVERY - (performance.now() - begun)))
  }
  return taken
}

function lineOf(organization: string, at: number): string {
  const event = {
    id: randomUUID(),
    organization_id: organization,
    created_at: new Date().toISOString(),
    action: 'updated',
    resource_type: 'policy',
    resource_id: `00000000-0000-4000-8000-${String(at % 500).padStart(12, '0')}`,
    bearer_id: `00000000-0000-4000-9000-${String(at % 50).padStart(12, '0')}`,
    ip: `198.51.100.${at % 250}`,
    user_agent: `soak/${at % 20}`,
  }
  return `${JSON.stringify(event)}\n`
}

/** Requests pages at a constant rate, whether or not earlier ones were answered, and measures the server's memory. */
async function watch(
  pid: number,
  ask: () => Promise<number>,
  perSecond: number,
): Promise<Measurement[]> {
  const looks: Measurement[] = []
  const begun = performance.now()
  let took: number[] = []
  let asked = 0
  let underWay = 0
  const asking = setInterval(() => {
    // No new requests while hundreds are unanswered.
    for (; asked < ((performance.now() - begun) / 1000) * perSecond; asked++) {
      if (underWay >= 500) continue
      underWay++
      ask()
        .then(time => took.push(time))
        .catch(error => refused.push(String(error)))
        .finally(() => underWay--)
    }
  }, 5)
  while (performance.now() - begun < minutes * 60_000) {
    await delay(Math.min(MEASURE_EVERY, minutes * 1_000))
    const look = { minutes: (performance.now() - begun) / 60_000, megabytes: memoryOf(pid), took }
    looks.push(look)
    took = []
    process.stdout.write(
      `${look.minutes.toFixed(1).padStart(5)} min ${look.megabytes.toFixed(0).padStart(5)} MB, p99 ${p99([look]).toFixed(1)} ms of ${look.took.length}\n`,
    )
  }
  clearInterval(asking)
  return looks
}

/** NaN if the system has no /proc. */
function memoryOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}

function p99(looks: readonly Measurement[]): number {
  const times = looks.flatMap(({ took }) => took).sort((one, other) => one - other)
  return times[Math.floor((times.length - 1) * 0.99)] ?? Number.NaN
}

/** The slope of a linear regression, in megabytes per minute. */
function growth(looks: readonly Measurement[]): number {
  const mean = (numbers: readonly number[]) =>
    numbers.reduce((sum, number) => sum + number, 0) / numbers.length
  const middle = mean(looks.map(({ minutes }) => minutes))
  const usual = mean(looks.map(({ megabytes }) => megabytes))
  const together = looks.map(look => (look.minutes - middle) * (look.megabytes - usual))
  return mean(together) / mean(looks.map(look => (look.minutes - middle) ** 2))
}

function report(looks: readonly Measurement[], taken: number, told: readonly number[]): void {
  const warm = looks.filter(look => look.minutes > Math.min(5, minutes / 4))
  const third = Math.ceil(warm.length / 3)
  const [early, late] = [p99(warm.slice(0, third)), p99(warm.slice(-third))]
  const slope = growth(warm)
  const whole = told.filter(count => count === taken).length
  const line = (isGood: boolean, text: string) =>
    process.stdout.write(`${isGood ? '  ' : '✗ '}${text}\n`)
  line(slope < MOST_GROWTH, `memory: ${slope.toFixed(2)} MB per minute (limit ${MOST_GROWTH})`)
  line(
    late <= early * MOST_SLOWER,
    `p99: ${early.toFixed(1)} ms in the first third, ${late.toFixed(1)} ms in the last (limit 20 % more)`,
  )
  line(whole === told.length, `${whole} of ${told.length} streams received all ${taken} events`)
  line(refused.length === 0, `${refused.length} requests or imports failed ${refused[0] ?? ''}`)
}
