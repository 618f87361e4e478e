// A client that disconnects before its response ends the work for it: a long search stops, and no fault is reported.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { listen } from '../src/server/listen.ts'
import type { Answered } from '../src/server/request-context.ts'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'

const EVENTS = 40_000
const START = at('2026-01-01T00:00:00Z')

let backend: TestApp
let token: string
let answered: Answered[]
let statements: number
/** Called before each statement that searches events. */
let beforeStatement = () => {}

beforeAll(async () => {
  backend = await openApp({
    onStatement(text) {
      if (!/FROM events|JOIN events/.test(text)) return
      statements++
      beforeStatement()
    },
    watching: { answered: one => answered.push(one) },
  })
  token = await backend.token()
  // Each principal uses a network of its own, so that no event matches and a search never fills a page.
  await backend.store.append(
    Array.from({ length: EVENTS }, (_, number) =>
      event({
        createdAt: START + number * 1_000_000,
        principalId: uuid(number % 2),
        ipAddress: `198.51.${number % 2}.${number % 101}`,
        userAgent: `client/${number % 331}`,
      }),
    ),
  )
})
beforeEach(() => {
  answered = []
  statements = 0
  beforeStatement = () => {}
})
afterAll(() => backend.store.close())

const QUERY = `{ organization(id: "${ORGANIZATION}") {
  events(filter: { principalIds: ["${uuid(1)}"], ipAddresses: ["198.51.0.0/24"] }) { totalCount } } }`
const FILTER = `principalIds=${uuid(1)}&ipAddresses=198.51.0.0/24`

const REQUESTS = [
  ['a query', '/graphql', { method: 'POST', body: JSON.stringify({ query: QUERY }) }],
  ['an export', `/export/${ORGANIZATION}.ndjson?${FILTER}`, {}],
  ['a page of the feed', `/feed/${ORGANIZATION}.ndjson?${FILTER}`, {}],
] as const

const headers = () => ({ 'content-type': 'application/json', 'x-auth-token': token })

test.each(REQUESTS)(
  '%s stops after its first statement when the client disconnects',
  async (_, path, init) => {
    const leaving = new AbortController()
    beforeStatement = () => leaving.abort()
    const response = await backend.fetch(path, {
      ...init,
      headers: headers(),
      signal: leaving.signal,
    })
    expect(response.status).toBe(499)
    expect(statements).toBe(1)
    expect(answered).toMatchObject([{ status: 499, codes: [] }])
    expect(backend.faults).toEqual([])
  },
)

test.each(REQUESTS.slice(0, 2))(
  'over a socket, %s stops early when the client disconnects',
  async (_, path, init) => {
    const complete = await backend.fetch(path, { ...init, headers: headers() })
    await complete.text()
    const all = statements
    expect(all).toBeGreaterThan(20)
    const faults: unknown[] = []
    const { promise: outcome, resolve } = Promise.withResolvers<Answered>()
    const reportFault = (fault: unknown) => faults.push(fault)
    const app = createApp({ store: backend.store, reportFault, answered: resolve })
    const server = await listen(app, '127.0.0.1', 0)
    try {
      const leaving = new AbortController()
      statements = 0
      beforeStatement = () => {
        leaving.abort()
        // As slow as on a slow disk, so that the server gets a turn after each statement.
        for (const until = performance.now() + 20; performance.now() < until; );
      }
      const response = fetch(server.url + path, {
        ...init,
        headers: headers(),
        signal: leaving.signal,
      })
      await expect(response).rejects.toThrow(/abort/)
      expect(await outcome).toMatchObject({ status: 499 })
      expect(statements).toBeLessThan(all / 2)
      expect(faults).toEqual([])
    } finally {
      await server.close()
    }
  },
)
