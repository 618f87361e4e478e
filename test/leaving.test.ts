// Who leaves before it is answered is read for no longer: a long search ends, and nobody is alarmed.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { listen } from '../src/server/listen.ts'
import type { Answered } from '../src/server/request-context.ts'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'

const EVENTS = 40_000
const START = at('2026-01-01T00:00:00Z')

let behind: TestApp
let token: string
let told: Answered[]
let statements: number
/** Called before each statement that looks for events. */
let looked = () => {}

beforeAll(async () => {
  behind = await openApp({
    onStatement(text) {
      if (!/FROM events|JOIN events/.test(text)) return
      statements++
      looked()
    },
    watching: { answered: answered => told.push(answered) },
  })
  token = await behind.token()
  // Each principal has a network, and is never in the other's: no page is ever full.
  await behind.store.append(
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
  told = []
  statements = 0
  looked = () => {}
})
afterAll(() => behind.store.close())

const QUERY = `{ organization(id: "${ORGANIZATION}") {
  events(filter: { principalIds: ["${uuid(1)}"], ipAddresses: ["198.51.0.0/24"] }) { totalCount } } }`
const FILTER = `principalIds=${uuid(1)}&ipAddresses=198.51.0.0/24`

const QUESTIONS = [
  ['a question', '/graphql', { method: 'POST', body: JSON.stringify({ query: QUERY }) }],
  ['an export', `/export/${ORGANIZATION}.ndjson?${FILTER}`, {}],
  ['a page of the feed', `/feed/${ORGANIZATION}.ndjson?${FILTER}`, {}],
] as const

const headers = () => ({ 'content-type': 'application/json', 'x-auth-token': token })

test.each(QUESTIONS)('%s is looked for no further', async (_, path, init) => {
  const leaving = new AbortController()
  looked = () => leaving.abort()
  const response = await behind.fetch(path, { ...init, headers: headers(), signal: leaving.signal })
  expect(response.status).toBe(499)
  expect(statements).toBe(1)
  expect(told).toMatchObject([{ status: 499, codes: [] }])
  expect(behind.faults).toEqual([])
})

test.each(QUESTIONS.slice(0, 2))('over a socket, %s ends soon', async (_, path, init) => {
  const whole = await behind.fetch(path, { ...init, headers: headers() })
  await whole.text()
  const all = statements
  expect(all).toBeGreaterThan(20)
  const faults: unknown[] = []
  const { promise: answered, resolve } = Promise.withResolvers<Answered>()
  const reportFault = (fault: unknown) => faults.push(fault)
  const app = createApp({ store: behind.store, reportFault, answered: resolve })
  const server = await listen(app, '127.0.0.1', 0)
  try {
    const leaving = new AbortController()
    statements = 0
    looked = () => {
      leaving.abort()
      // On a slow disk each look takes a turn.
      for (const until = performance.now() + 20; performance.now() < until; );
    }
    const asked = fetch(server.url + path, { ...init, headers: headers(), signal: leaving.signal })
    await expect(asked).rejects.toThrow(/abort/)
    expect(await answered).toMatchObject({ status: 499 })
    expect(statements).toBeLessThan(all / 2)
    expect(faults).toEqual([])
  } finally {
    await server.close()
  }
})
