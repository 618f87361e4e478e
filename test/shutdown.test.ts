// A server that is stopped under load: it completes its responses, and its streams end so that clients can resume.
// `npm run test:long` stops it many more times.

import { expect, test } from 'vitest'
import { FEED_START } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { run, start, temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION } from './support/events.ts'
import { LONG } from './support/long.ts'
import { type Door, subscribe } from './support/streams.ts'
import { owner } from './support/viewers.ts'

const TIMES = LONG ? 100 : 3

const QUERY = `query ($id: ID!) {
  organization(id: $id) { events(first: 100) { totalCount nodes { id: eventId userAgent } } eventCounts { total } }
}`

interface Load {
  answered: number
  /** How many clients had a response, so that they are connected; later ones may be refused. */
  clients: number
  /** Descriptions of what must not happen. */
  readonly faults: string[]
}

test(`a server stopped ${TIMES} times under load cuts off no response, and streams resume without losing an event`, async () => {
  using folder = temporaryFolder()
  const options = {
    cwd: folder.path,
    environment: { IAM_LOGS_PORT: '0', IAM_LOGS_DATABASE: './log.db' },
  }
  const file = `${folder.path}/log.db`
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  await store.append(Array.from({ length: 3_000 }, () => event()))
  const token = (
    await run(['token', 'create', '--organization', ORGANIZATION, '--owner'], options)
  ).stdout.trim()
  const seen: string[] = []
  let cursor: string = await store.reader(owner).lastArrival(ORGANIZATION)
  const added: string[] = []

  for (let time = 0; time < TIMES; time++) {
    const workers = time % 5 === 4 ? '2' : '1'
    const server = start(['serve'], {
      ...options,
      environment: { ...options.environment, IAM_LOGS_WORKERS: workers },
    })
    const [url = ''] = /http:\/\/[\d.:]+/.exec(await server.line(/listening/)) ?? []
    const door = (path: string, init: RequestInit) => fetch(`${url}${path}`, init)
    const listener = await subscribe(door, { token, variables: { after: cursor } })
    const delivered = listener.rest()
    const load: Load = { answered: 0, clients: 0, faults: [] }
    const stopping = new AbortController()
    const { signal } = stopping
    const clients = Promise.all([
      ...Array.from({ length: 5 }, () => ask(door, token, load, signal, signal)),
      ...Array.from({ length: 3 }, () => ask(door, token, load, signal, null)),
      exportAll(door, token, load, signal),
    ])
    for (let more = 0; more < 3; more++) {
      const news = [event(), event()]
      await store.append(news)
      added.push(...news.map(({ id }) => id))
    }
    // Each stop is at another point of the work.
    const soon = { interval: 1 }
    await expect.poll(() => load.clients, soon).toBe(8)
    const enough = load.answered + (time % 5)
    await expect.poll(() => load.answered, soon).toBeGreaterThanOrEqual(enough)
    stopping.abort()
    // Requests sent before this one have been received when it is answered.
    await (await door('/health/live', {})).text()
    const { code, stderr } = await server.stop()
    expect({ code, errors: stderr.match(/"level":(50|60|"error")(?!.*"status":503).*/g) }).toEqual({
      code: 0,
      errors: null,
    })
    await clients
    expect(load.faults).toEqual([])
    const messages = await delivered
    // There is no `complete`, so that clients reconnect with the ID of the last event.
    expect(messages.filter(({ event }) => event !== 'next')).toEqual([])
    for (const { data } of messages) seen.push(idIn(data))
    cursor = messages.at(-1)?.id ?? cursor
  }
  // Events that the last stream did not deliver follow its cursor.
  const last = await store.reader(owner).arrivals({
    ...{ organizationId: ORGANIZATION, filter: {}, after: cursor || FEED_START, limit: 1000 },
  })
  expect([...seen, ...(last?.events.map(({ id }) => id) ?? [])]).toEqual(added)
  expect(await store.verify()).toEqual([])
  await store.close()
})

function idIn(data: { readonly data: { readonly eventRecorded: { readonly id: string } } }) {
  return data.data.eventRecorded.id
}

/** Sends queries until `until`, or until the server accepts no more. Accepted ones must have a complete response. */
async function ask(
  door: Door,
  token: string,
  load: Load,
  stopping: AbortSignal,
  until: AbortSignal | null,
): Promise<void> {
  for (let count = 0; until?.aborted !== true; ) {
    let response: Response
    try {
      response = await door('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-auth-token': token },
        body: JSON.stringify({ query: QUERY, variables: { id: ORGANIZATION } }),
      })
    } catch (error) {
      // A client that continues while the server stops may be refused.
      if (until !== null || !stopping.aborted) load.faults.push(`refused: ${reasonOf(error)}`)
      return
    }
    try {
      const { data, errors } = (await response.json()) as Answered
      // A busy machine may refuse some.
      if (response.status === 503) continue
      if (errors !== undefined || data?.organization?.events.nodes.length !== 100) {
        load.faults.push(`answered ${response.status} ${JSON.stringify(errors)}`)
      }
      load.answered++
      if (count++ === 0) load.clients++
    } catch (error) {
      load.faults.push(`cut off: ${reasonOf(error)}`)
      return
    }
  }
}

async function exportAll(
  door: Door,
  token: string,
  load: Load,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      const response = await door(`/export/${ORGANIZATION}.ndjson`, {
        headers: { 'x-auth-token': token },
      })
      if (response.status === 503) continue
      const lines = (await response.text()).trimEnd().split('\n')
      const { iam_logs_export: trailer } = JSON.parse(lines.at(-1) ?? '')
      if (trailer?.events !== lines.length - 1) load.faults.push(`exported ${lines.at(-1)}`)
    } catch (error) {
      load.faults.push(`an export was cut off: ${reasonOf(error)}`)
    }
  }
}

interface Answered {
  readonly data?: { readonly organization?: { readonly events: { readonly nodes: unknown[] } } }
  readonly errors?: unknown
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.message} (${error.cause})` : String(error)
}
