// How long an answer takes tells nobody whether somebody is hidden, was removed, or never was. Pairs of questions are
// asked in turn over one kept connection, and their times compared by rank (Mann-Whitney): 0.5 is no difference, 1 is
// one that every pair shows. `npm run test:long` asks often enough to see small ones; here, the control must be seen.

import { Agent, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, type RunningServer } from '../src/http/server.ts'
import type { LogReader } from '../src/store.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'
import { user } from './support/store-contract.ts'

const LONG = Boolean(process.env.IAM_LOGS_TEST_LONG)

/** Pairs in a round, and rounds, whose median counts: the machine may do something else in one of them. */
const PAIRS = LONG ? 3_000 : 150
const ROUNDS = LONG ? 5 : 3
/** How far from 0.5 is no difference: over four standard deviations of a median of that many. */
const BAND = LONG ? 0.03 : 0.1

const [HIDDEN, REMOVED, IDLE, NOBODY] = [uuid(1), uuid(2), uuid(3), uuid(404)]

const QUESTIONS: Readonly<Record<string, (id: string) => string>> = {
  'principal(id)': id =>
    `{ organization(id: "${ORGANIZATION}") { principal(id: "${id}") { __typename name } } }`,
  'node(id)': id => `{ node(id: "${id}") { __typename } }`,
  'filter.principalIds': id =>
    `{ organization(id: "${ORGANIZATION}") { events(first: 5, filter: { principalIds: ["${id}"] }) { nodes { action principal { name } } } } }`,
  _entities: id =>
    `{ _entities(representations: [{ __typename: "Principal", id: "${id}" }]) { __typename } }`,
}

interface Door {
  readonly server: RunningServer
  readonly behind: TestApp
  readonly agent: Agent
  readonly token: string
}

async function open(store?: Parameters<typeof openApp>[0]): Promise<Door> {
  const behind = await openApp({ rate: { perSecond: 0, burst: 0 }, ...store })
  // As many events of each of the two, one after the other, among many others.
  await behind.store.append(
    Array.from({ length: 2000 }, (_, number) =>
      event({ principalId: [HIDDEN, REMOVED, uuid(10 + (number % 50))][number % 3] ?? '' }),
    ),
  )
  const others = Array.from({ length: 50 }, (_, number) => user({ id: uuid(10 + number) }))
  const entries = [user({ id: HIDDEN }), user({ id: IDLE }), ...others]
  await behind.store.describe({
    organizationId: ORGANIZATION,
    kind: 'user',
    entries,
    complete: true,
  })
  return {
    behind,
    server: await listen(behind.app, '127.0.0.1', 0),
    agent: new Agent({ keepAlive: true, maxSockets: 1 }),
    token: await behind.token(['AuditTrailReadOnly']),
  }
}

async function close({ server, behind, agent }: Door): Promise<void> {
  agent.destroy()
  await server.close()
  await behind.store.close()
}

/** In milliseconds, from the first byte sent to the last one heard. */
function timeOf({ server, agent, token }: Door, query: string): Promise<number> {
  const body = JSON.stringify({ query })
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-auth-token': token,
  }
  return new Promise((resolve, reject) => {
    const began = performance.now()
    request(`${server.url}/graphql`, { method: 'POST', agent, headers }, answer => {
      if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode}`))
      answer.resume().once('end', () => resolve(performance.now() - began))
    })
      .once('error', reject)
      .end(body)
  })
}

/** How often one of the first takes longer than one of the second. */
function areaUnderCurve(first: readonly number[], second: readonly number[]): number {
  const all = [...first.map(time => [time, 1]), ...second.map(time => [time, 0])] as [
    number,
    number,
  ][]
  all.sort(([a], [b]) => a - b)
  let ranks = 0
  for (let from = 0; from < all.length; ) {
    let to = from
    while (to < all.length && all[to]?.[0] === all[from]?.[0]) to++
    // Equal times share their ranks.
    for (let at = from; at < to; at++) ranks += all[at]?.[1] === 1 ? (from + to + 1) / 2 : 0
    from = to
  }
  return (ranks - (first.length * (first.length + 1)) / 2) / (first.length * second.length)
}

async function median(door: Door, first: string, second: string): Promise<number> {
  const areas: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const times: [number[], number[]] = [[], []]
    for (let pair = -20; pair < PAIRS; pair++) {
      // Whichever goes first, so that it matters to neither.
      for (const which of Math.random() < 0.5 ? ([0, 1] as const) : ([1, 0] as const)) {
        const time = await timeOf(door, which === 0 ? first : second)
        if (pair >= 0) times[which].push(time)
      }
    }
    areas.push(areaUnderCurve(...times))
  }
  return areas.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN
}

describe('takes as long as an answer about', () => {
  let door: Door
  beforeAll(async () => {
    door = await open()
  })
  afterAll(() => close(door))

  const cases = Object.entries(QUESTIONS).flatMap(([name, query]) => [
    {
      name,
      whom: 'who was removed, one about who is hidden',
      one: query(HIDDEN),
      other: query(REMOVED),
    },
    {
      name,
      whom: 'who never was, one about who is hidden and never acted',
      one: query(IDLE),
      other: query(NOBODY),
    },
  ])
  test.each(cases)('$whom: $name', { timeout: 3_600_000 }, async ({ one, other }) => {
    const area = await median(door, one, other)
    expect(Math.abs(area - 0.5)).toBeLessThan(BAND)
  })
})

test('one more look-up for who is hidden would be seen', { timeout: 3_600_000 }, async () => {
  const twice = (log: LogReader): LogReader => ({
    ...log,
    async directory(keys) {
      if (keys.some(({ id }) => id === HIDDEN)) {
        await log.principals({
          ...{ organizationId: ORGANIZATION, search: HIDDEN, after: null, before: null },
          ...{ limit: 1, fromEnd: false },
        })
      }
      return log.directory(keys)
    },
  })
  const door = await open({
    store: store => ({ ...store, reader: visibility => twice(store.reader(visibility)) }),
  })
  const ask = QUESTIONS['principal(id)'] ?? (() => '')
  const area = await median(door, ask(HIDDEN), ask(REMOVED))
  await close(door)
  expect(area).toBeGreaterThan(0.5 + 2 * BAND)
})
