// Compares how fast this program and other servers answer the same query: `npm run bench [-- --rounds N] [--seconds S]
// [--connections N] [--events N] [--database FILE] [--only NAME,NAME] [--beside FOLDER]`. FOLDER is a checkout of another
// commit that reads the same database. Servers are measured in turn, each in its own process like the client, after a
// check that all responses are the same. Only ratios within one run are meaningful.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { newToken } from '../src/auth/tokens.ts'
import { writeSample } from '../src/cli/sample-command.ts'
import { now, parseInstant } from '../src/instant.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import { visibilityOf } from '../src/visibility.ts'
import type { Load } from './load.ts'
import type { Usage } from './meter.ts'
import { PERMISSION_SETS, QUERY } from './page.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const LIMIT = 'handwritten: node:http, better-sqlite3'
const PROGRAM = 'this program'
const YOGA = 'Yoga, Pothos, Drizzle, DataLoader'
const BESIDE = 'the other checkout'
const MERCURIUS = 'Mercurius with JIT, Drizzle, DataLoader'

const SERVERS: Record<string, readonly string[]> = {
  [LIMIT]: ['peers/limit.ts'],
  [PROGRAM]: [
    '../src/cli/iam-logs.js',
    'serve',
    '--port',
    '0',
    '--no-sample',
    '--no-sync',
    '--database',
  ],
  [MERCURIUS]: ['peers/mercurius.ts'],
  'Apollo Server, Drizzle, DataLoader': ['peers/apollo.ts'],
  [YOGA]: ['peers/yoga.ts'],
}

interface Server {
  readonly name: string
  readonly url: string
  readonly process: ChildProcess
}

interface Round extends Load {
  readonly cpuSeconds: number
}

export async function benchPeers(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '15' },
      seconds: { type: 'string', default: '2' },
      connections: { type: 'string', default: '16' },
      events: { type: 'string', default: '1000000' },
      database: { type: 'string' },
      only: { type: 'string' },
      beside: { type: 'string' },
    },
  })
  installPeers()
  const { beside } = values
  if (beside !== undefined) {
    const [script = '', ...options] = SERVERS[PROGRAM] ?? []
    SERVERS[BESIDE] = [resolve(beside, relative('..', script)), ...options]
  }
  const folder = values.database === undefined ? mkdtempSync(join(tmpdir(), 'bench-')) : null
  const file = values.database ?? join(folder ?? '', 'bench.db')
  const wanted = Object.keys(SERVERS).filter(
    name => values.only?.split(',').some(part => name.toLowerCase().includes(part.trim())) ?? true,
  )
  const servers: Server[] = []
  try {
    const { token, organization } = await prepare(file, Number(values.events))
    for (const name of wanted) servers.push(await start(name, file))
    const body = JSON.stringify({ query: QUERY, variables: { organization } })
    await compare(servers, token, body)
    const ask = ({ url }: Server, seconds: string) =>
      load({ url, token, body, seconds, connections: values.connections })
    for (const server of servers) await ask(server, '3')
    const rounds = new Map<string, Round[]>(wanted.map(name => [name, []]))
    for (let round = 0; round < Number(values.rounds); round++) {
      // Every server is first equally often.
      for (let at = 0; at < servers.length; at++) {
        const server = servers[(at + round) % servers.length] as Server
        const before = await usage(server)
        const loaded = await ask(server, values.seconds)
        const { cpuSeconds } = await usage(server)
        rounds.get(server.name)?.push({ ...loaded, cpuSeconds: cpuSeconds - before.cpuSeconds })
        process.stderr.write('.')
      }
    }
    process.stderr.write('\n')
    const peaks = new Map<string, number>()
    for (const server of servers) peaks.set(server.name, (await usage(server)).peakBytes)
    report(rounds, peaks)
  } finally {
    for (const { process } of servers) process.kill()
    if (folder !== null) rmSync(folder, { recursive: true })
  }
}

/** Installs the packages that only this benchmark needs; `npm ci` does not. */
function installPeers(): void {
  if (existsSync(join(HERE, 'node_modules'))) return
  process.stderr.write('installing the peers: npm ci --prefix bench\n')
  execFileSync('npm', ['ci', '--prefix', HERE, '--ignore-scripts', '--no-audit', '--no-fund'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Creates a sample history if the file does not exist, and a token. Returns its secret, and the largest Organization. */
export async function prepare(
  file: string,
  events: number,
): Promise<{ token: string; organization: string }> {
  const there = existsSync(file)
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  try {
    const until = parseInstant('2026-11-01T00:00:00Z') ?? 0
    if (!there) await writeSample(store, { events, seed: 1, organizations: 3, until })
    const organizationIds = await store.organizationIds()
    const { token, secret, hash } = newToken(
      {
        name: 'bench',
        grants: organizationIds.map(organizationId => ({
          organizationId,
          owner: false,
          permissionSets: PERMISSION_SETS,
        })),
        expiresAt: null,
      },
      now(),
    )
    await store.tokens.create(token, hash)
    return { token: secret, organization: await largest(store, organizationIds) }
  } finally {
    await store.close()
  }
}

async function largest(store: AuditStore, ids: readonly string[]): Promise<string> {
  const reader = store.reader(
    visibilityOf({
      id: 'bench',
      name: null,
      memberships: ids.map(organizationId => ({ organizationId, owner: true, permissionSets: [] })),
    }),
  )
  const counts = await Promise.all(ids.map(id => reader.countEvents(id, {})))
  return ids[counts.indexOf(Math.max(...counts))] ?? ''
}

/** Resolves when the server listens. */
async function start(name: string, file: string): Promise<Server> {
  const [script = '', ...options] = SERVERS[name] ?? []
  const child = spawn(
    process.execPath,
    ['--import', join(HERE, 'meter.ts'), resolve(HERE, script), ...options, file],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        IAM_LOGS_LOG_LEVEL: 'error',
        // One process each, so that the speed of one processor is compared.
        IAM_LOGS_WORKERS: '1',
        // No rate limit, because all requests have the same token.
        IAM_LOGS_RATE: '0',
      },
    },
  )
  const lines = createInterface(child.stdout as NodeJS.ReadableStream)
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${name} ended before it listened`))),
  ])) as [string]
  const address = new URL(/http:\/\/[^\s;]+/.exec(line)?.[0] ?? '')
  // Apollo Server's only path is its root.
  const path = name.startsWith('Apollo') ? '/' : '/graphql'
  return { name, url: `${address.origin}${path}`, process: child }
}

async function compare(servers: readonly Server[], token: string, body: string): Promise<void> {
  const answers = await Promise.all(
    servers.map(async ({ url }) => {
      const headers = { 'content-type': 'application/json', 'x-auth-token': token }
      const response = await fetch(url, { method: 'POST', headers, body })
      return (await response.text()).trimEnd()
    }),
  )
  for (const [at, answer] of answers.entries()) {
    const sound = JSON.parse(answer).data?.organization?.events?.nodes?.length === 50
    if (!sound || answer !== answers[0]) {
      throw new Error(`${servers[at]?.name} answers otherwise: ${answer.slice(0, 500)}`)
    }
  }
  process.stdout.write(`${servers.length} servers give the same ${answers[0]?.length} bytes\n`)
}

async function usage({ process }: Server): Promise<Usage> {
  process.send('usage')
  const [usage] = await once(process, 'message')
  return usage
}

async function load(options: Readonly<Record<string, string>>): Promise<Load> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
  const client = spawn(process.execPath, [join(HERE, 'load.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const chunk of client.stdout) text += chunk
  const load: Load = JSON.parse(text)
  if (load.different !== 1) throw new Error(`${load.different} different responses to one request`)
  return load
}

/** Prints medians as a Markdown table. Ratios are computed within each round, because a machine's speed varies. */
function report(
  rounds: ReadonlyMap<string, readonly Round[]>,
  peaks: ReadonlyMap<string, number>,
): void {
  const lines = [
    '| | requests/s | ratio to the limit | by CPU time | p50 | p99 | CPU per request | bytes per request | peak memory |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --: |',
  ]
  for (const [name, all] of rounds) {
    const figures = [
      Math.round(median(all.map(rate))).toLocaleString('en'),
      beside(all, rounds.get(LIMIT), rate).toFixed(2),
      (1 / beside(all, rounds.get(LIMIT), cpu)).toFixed(2),
      `${median(all.map(({ p50 }) => p50)).toFixed(1)} ms`,
      `${median(all.map(({ p99 }) => p99)).toFixed(1)} ms`,
      `${(median(all.map(cpu)) * 1000).toFixed(2)} ms`,
      Math.round(median(all.map(({ bytes }) => bytes))).toLocaleString('en'),
      `${((peaks.get(name) ?? 0) / 2 ** 20).toFixed(0)} MB`,
    ]
    lines.push(`| ${name} | ${figures.join(' | ')} |`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
  const program = rounds.get(PROGRAM)
  if (program === undefined) return
  for (const [name, wanted] of [
    [LIMIT, 0.6],
    [BESIDE, 0.75],
    [MERCURIUS, 2],
    [YOGA, 2.7],
  ] as const) {
    if (!rounds.has(name)) continue
    const reached = 1 / beside(program, rounds.get(name), cpu)
    const answers = beside(program, rounds.get(name), rate)
    process.stdout.write(
      `${reached >= wanted ? '  ' : '✗ '}${reached.toFixed(2)} times as fast as ${name} by CPU time (goal ${wanted}); ${answers.toFixed(2)} by requests\n`,
    )
  }
}

function rate({ answers, seconds }: Round): number {
  return answers / seconds
}

function cpu({ cpuSeconds, answers }: Round): number {
  return cpuSeconds / answers
}

function beside(
  rounds: readonly Round[],
  others: readonly Round[] | undefined,
  figure: (round: Round) => number,
): number {
  const pairs = rounds.map((round, at) => {
    const other = others?.[at]
    return other === undefined ? Number.NaN : figure(round) / figure(other)
  })
  return median(pairs)
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
