// Two processes on one SQLite file: whatever they do at once, each event is there once, and nobody is told that the
// file is in use, but waits.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { FEED_START } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { type Ended, run, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'
import { LONG } from './support/long.ts'
import { EVENTS, RACER } from './support/racer.ts'
import { owner } from './support/viewers.ts'
import { numbered } from './support/writer.ts'

const RACES = LONG ? 500 : 20

function startRacer() {
  const child = spawn(process.execPath, [RACER], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async race(file: string, way: string): Promise<string> {
      child.stdin.write(`${file} ${way}\n`)
      return (await lines.next()).value ?? 'gone'
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}

/** The events in their order of arrival, each as often as it is there. */
async function eventsIn(file: string): Promise<string[]> {
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  expect(await store.verify()).toEqual([])
  expect((await store.chains([])).flatMap(({ faults }) => faults)).toEqual([])
  const log = store.reader(owner)
  const found: string[] = []
  for (let after = FEED_START, more = true; more; ) {
    const page = await log.arrivals({
      organizationId: ORGANIZATION,
      filter: {},
      after,
      limit: 1000,
    })
    found.push(...(page?.events.map(({ id }) => id) ?? []))
    after = page?.cursor ?? after
    more = page?.hasMore ?? false
  }
  await store.close()
  return found
}

test(
  `${RACES} races for the same events leave each once, from the making of the file on`,
  async () => {
    using folder = temporaryFolder()
    await using one = startRacer()
    await using other = startRacer()
    const all = Array.from({ length: EVENTS }, (_, number) => numbered(number).id)
    for (let race = 0; race < RACES; race++) {
      const file = join(folder.path, `${race}.db`)
      const way = ['append', 'read', 'thread'][race % 3] ?? ''
      const said = await Promise.all([one.race(file, way), other.race(file, way)])
      const [[added, known] = [], [addedToo, knownToo] = []] = said.map(line =>
        line.split(' ').map(Number),
      )
      expect(said.join()).not.toContain('!')
      expect([(added ?? 0) + (addedToo ?? 0), (known ?? 0) + (knownToo ?? 0)]).toEqual([
        EVENTS,
        EVENTS,
      ])
      expect((await eventsIn(file)).sort()).toEqual(all)
    }
  },
  RACES * 3_600,
)

test(
  'of six processes that make the same file at once, none is refused',
  async () => {
    using folder = temporaryFolder()
    await using stack = new AsyncDisposableStack()
    const racers = Array.from({ length: 6 }, () => stack.use(startRacer()))
    for (let race = 0; race < 2 * RACES; race++) {
      const file = join(folder.path, `${race}.db`)
      const said = await Promise.all(racers.map(racer => racer.race(file, 'open')))
      expect(said).toEqual(racers.map(() => '0 0'))
    }
  },
  RACES * 3_600,
)

function wentWell({ code, stderr }: Ended): void {
  expect(stderr).not.toContain('error')
  expect(code).toBe(0)
}

/** As Scaleway's API gives them. */
function logOf(first: number, count: number): string {
  return Array.from({ length: count }, (_, more) => {
    const event = numbered(first + more)
    return JSON.stringify({
      id: event.id,
      created_at: new Date(event.createdAt / 1000).toISOString(),
      ip: event.ipAddress,
      user_agent: event.userAgent,
      action: event.action,
      bearer_id: event.principalId,
      organization_id: event.organizationId,
      resource_type: event.category,
      resource_id: event.resourceId,
    })
  }).join('\n')
}

const GIVEN_UP = 5

/** Waits for its turn as SQLite does, and a little longer than it does by itself. */
const SQLITE_WAITS = `
  const file = new (require('better-sqlite3'))(process.argv[1])
  try { file.exec('BEGIN IMMEDIATE') } catch { process.exitCode = ${GIVEN_UP} }`

test('who waits for a long write does so when others have given up, and goes on when it ends', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  const options = { cwd: folder.path, environment: { IAM_LOGS_DATABASE: file } }
  expect(await run(['migrate'], options)).toMatchObject({ code: 0 })
  const writer = new Database(file)
  writer.exec('BEGIN IMMEDIATE')
  const waiting = [
    start(['import', '-'], { ...options, input: logOf(0, 10) }),
    start(['token', 'create', '--organization', ORGANIZATION, '--owner'], options),
  ]
  const first = Promise.race(waiting.map(({ ended }) => ended))
  const other = spawn(process.execPath, ['-e', SQLITE_WAITS, file], { cwd: import.meta.dirname })
  expect(await Promise.race([first, once(other, 'exit')])).toEqual([GIVEN_UP, null])
  writer.exec('COMMIT')
  writer.close()
  for (const { ended } of waiting) wentWell(await ended)
  expect(await eventsIn(file)).toHaveLength(10)
})

test('two imports and new tokens beside a server, which answers all the while', async () => {
  using folder = temporaryFolder()
  const options = { cwd: folder.path, environment: { IAM_LOGS_PORT: '0' } }
  const server = start(['serve', '--no-sample'], options)
  const [url = ''] = /http:\/\/[\d.:]+/.exec(await server.line(/listening|GraphiQL/)) ?? []
  const COUNT = 30_000
  writeFileSync(join(folder.path, 'log.ndjson'), logOf(0, COUNT))
  const imports = [1, 2].map(() => start(['import', 'log.ndjson'], options))
  const owners = ['token', 'create', '--organization', ORGANIZATION, '--owner']
  const tokens = await Promise.all([run(owners, options), run(owners, options)])
  for (const token of tokens) {
    wentWell(token)
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token.stdout.trim() },
      body: JSON.stringify({ query: '{ viewer { id } organizations { events { totalCount } } }' }),
    })
    expect(await answer.json()).not.toHaveProperty('errors')
  }
  const said = await Promise.all(imports.map(({ ended }) => ended))
  said.forEach(wentWell)
  const added = said.map(({ stdout }) =>
    Number(/ ([\d,]+) new/.exec(stdout)?.[1]?.replace(',', '')),
  )
  expect(added.reduce((sum, more) => sum + more)).toBe(COUNT)
  expect(await server.stop()).toMatchObject({ code: 0 })
  expect(new Set(await eventsIn(join(folder.path, 'iam-logs.db'))).size).toBe(COUNT)
})
