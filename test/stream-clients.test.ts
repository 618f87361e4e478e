// Subscriptions as clients take them that others wrote: when the server stops, or a stream has lasted long enough, they
// come back by themselves, say what they saw last, and lose nothing.

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

/** The server stops and comes back; events arrive before, between and after. All were told, each once. */
async function throughARestart(told: string[], started: Promise<void>): Promise<void> {
  await started
  const ids: string[] = []
  const arrive = async () => {
    const events = [event(), event()]
    ids.push(...events.map(({ id }) => id))
    await behind.store.append(events)
  }
  await arrive()
  await expect.poll(() => told).toEqual(ids)
  const port = Number(new URL(server.url).port)
  await server.close()
  await arrive()
  await serve(port)
  await expect.poll(() => told).toEqual(ids)
  await arrive()
  await expect.poll(() => told).toEqual(ids)
}

test('an EventSource, which asks by GET, comes back with its Last-Event-ID', async () => {
  const query = new URLSearchParams({ query: EVENTS, variables: JSON.stringify(variables) })
  const source = new EventSource(`${server.url}/graphql?${query}`, {
    fetch: (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, 'x-auth-token': token } }),
  })
  const told: string[] = []
  source.addEventListener('next', ({ data }) => {
    told.push(JSON.parse(data).data.eventRecorded.id)
  })
  const opened = new Promise<void>(resolve => source.addEventListener('open', () => resolve()))
  await throughARestart(told, opened)
  source.close()
})

test('a client by graphql-sse comes back, and says which event it saw last', async () => {
  let last: string | undefined
  const connected = Promise.withResolvers<void>()
  const client = createClient({
    url: `${server.url}/graphql`,
    headers: () => ({ 'x-auth-token': token, ...(last && { 'last-event-id': last }) }),
    on: { connected: () => connected.resolve() },
    retryAttempts: 10_000,
    retry: () => new Promise(resolve => setImmediate(resolve)),
  } as Parameters<typeof createClient>[0])
  const told: string[] = []
  const ended = Promise.withResolvers<string>()
  const stop = client.subscribe<{ eventRecorded: { id: string } }>(
    { query: EVENTS, variables },
    {
      next({ data }) {
        last = data?.eventRecorded.id
        told.push(last ?? '')
      },
      error: error => ended.resolve(String(error)),
      complete: () => ended.resolve('complete'),
    },
  )
  await throughARestart(told, connected.promise)
  stop()
  expect(await ended.promise).toBe('complete')
})
