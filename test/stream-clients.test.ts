// Subscriptions with common client libraries: when the server restarts, they reconnect by themselves, send the ID of the
// last event, and lose nothing.

import { EventSource } from 'eventsource'
import { createClient } from 'graphql-sse'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION } from './support/events.ts'
import { EVENTS } from './support/streams.ts'

let behind: TestApp
let server: RunningServer
let token: string

async function serve(port: number): Promise<void> {
  const app = createApp({ store: behind.store, reportFault: fault => behind.faults.push(fault) })
  server = await listen(app, '127.0.0.1', port)
}

beforeEach(async () => {
  behind = await openApp()
  token = await behind.token()
  await behind.store.append([event()])
  await serve(0)
})
afterEach(async () => {
  await server.close()
  await behind.store.close()
  expect(behind.faults).toEqual([])
})

const variables = { organizationId: ORGANIZATION }

/** Restarts the server; events arrive before, during and after. Each must be delivered once. */
async function expectAllThroughARestart(
  delivered: string[],
  started: Promise<void>,
): Promise<void> {
  await started
  const ids: string[] = []
  const arrive = async () => {
    const events = [event(), event()]
    ids.push(...events.map(({ id }) => id))
    await behind.store.append(events)
  }
  await arrive()
  await expect.poll(() => delivered).toEqual(ids)
  const port = Number(new URL(server.url).port)
  await server.close()
  await arrive()
  await serve(port)
  await expect.poll(() => delivered).toEqual(ids)
  await arrive()
  await expect.poll(() => delivered).toEqual(ids)
}

test('an EventSource, which sends GET requests, receives each event once through a restart of the server', async () => {
  const query = new URLSearchParams({ query: EVENTS, variables: JSON.stringify(variables) })
  const source = new EventSource(`${server.url}/graphql?${query}`, {
    fetch: (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, 'x-auth-token': token } }),
  })
  const delivered: string[] = []
  source.addEventListener('next', ({ data }) => {
    delivered.push(JSON.parse(data).data.eventRecorded.id)
  })
  const opened = new Promise<void>(resolve => source.addEventListener('open', () => resolve()))
  await expectAllThroughARestart(delivered, opened)
  source.close()
})

test('a client of graphql-sse that sends its last event ID receives each event once through a restart', async () => {
  let last: string | undefined
  const connected = Promise.withResolvers<void>()
  const client = createClient({
    url: `${server.url}/graphql`,
    headers: () => ({ 'x-auth-token': token, ...(last && { 'last-event-id': last }) }),
    on: { connected: () => connected.resolve() },
    retryAttempts: 10_000,
    retry: () => new Promise(resolve => setImmediate(resolve)),
  } as Parameters<typeof createClient>[0])
  const delivered: string[] = []
  const ended = Promise.withResolvers<string>()
  const stop = client.subscribe<{ eventRecorded: { id: string } }>(
    { query: EVENTS, variables },
    {
      next({ data }) {
        last = data?.eventRecorded.id
        delivered.push(last ?? '')
      },
      error: error => ended.resolve(String(error)),
      complete: () => ended.resolve('complete'),
    },
  )
  await expectAllThroughARestart(delivered, connected.promise)
  stop()
  expect(await ended.promise).toBe('complete')
})
