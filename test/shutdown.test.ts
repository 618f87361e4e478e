// A server that is told to stop while it is busy: what was asked is answered whole, streams end and say where to go on.
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

const QUESTION = `query ($id: ID!) {
  organization(id: $id) { events(first: 100) { totalCount nodes { id: eventId userAgent } } eventCounts { total } }
}`

interface Asked {
  answered: number
  /** How many clients had an answer, so that they are connected: those who come later may be too late. */
  clients: number
  /** What should not have been. */
  readonly faults: string[]
}

test(`${TIMES} stops under load lose no answer, no stream's place and no event`, async () => {
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
    const heard = listener.rest()
    const asked: Asked = { answered: 0, clients: 0, faults: [] }
    const stopping = new AbortController()
    const { signal } = stopping
    const clients = Promise.all([
      ...Array.from({ length: 5 }, () => ask(door, token, asked, signal, signal)),
      ...Array.from({ length: 3 }, () => ask(door, token, asked, signal, null)),
      exportAll(door, token, asked, signal),
    ])
    for (let more = 0; more < 3; more++) {
      const news = [event(), event()]
      await store.append(news)
      added.push(...news.map(({ id }) => id))
    }
    // At another point of the work each time.
    const soon = { interval: 1 }
    await expect.poll(() => asked.clients, soon).toBe(8)
    const enough = asked.answered + (time % 5)
    await expect.poll(() => asked.answered, soon).toBeGreaterThanOrEqual(enough)
    stopping.abort()
    // Whatever was asked before this is there when this is answered.
    await (await door('/health/live', {})).text()
    const { code, stderr } = await server.stop()
    expect({ code, errors: stderr.match(/"level":(50|60|"error")(?!.*"status":503).*/g) }).toEqual({
      code: 0,
      errors: null,
    })
    await clients
    expect(asked.faults).toEqual([])
    const messages = await heard
    // No `complete`: its client is to come back, with the ID of what it saw last.
    expect(messages.filter(({ event }) => event !== 'next')).toEqual([])
    for (const { data } of messages) seen.push(idIn(data))
    cursor = messages.at(-1)?.id ?? cursor
  }
  // What no stream told before it ended, the next one would tell from its cursor on.
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

/** One question after the other, until `stopping`, or until the server takes no more. What it took it answers whole. */
async function ask(
  door: Door,
  token: string,
  asked: Asked,
  stopping: AbortSignal,
  until: AbortSignal | null,
): Promise<void> {
  for (let count = 0; until?.aborted !== true; ) {
    let response: Response
    try {
      response = await door('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-auth-token': token },
        body: JSON.stringify({ query: QUESTION, variables: { id: ORGANIZATION } }),
      })
    } catch (error) {
      // Who goes on asking may come too late.
      if (until !== null || !stopping.aborted) asked.faults.push(`refused: ${told(error)}`)
      return
    }
    try {
      const { data, errors } = (await response.json()) as Answered
      // A machine that does much else has no time for some.
      if (response.status === 503) continue
      if (errors !== undefined || data?.organization?.events.nodes.length !== 100) {
        asked.faults.push(`answered ${response.status} ${JSON.stringify(errors)}`)
      }
      asked.answered++
      if (count++ === 0) asked.clients++
    } catch (error) {
      asked.faults.push(`cut off: ${told(error)}`)
      return
    }
  }
}

async function exportAll(
  door: Door,
  token: string,
  asked: Asked,
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
      if (trailer?.events !== lines.length - 1) asked.faults.push(`exported ${lines.at(-1)}`)
    } catch (error) {
      asked.faults.push(`an export was cut off: ${told(error)}`)
    }
  }
}

interface Answered {
  readonly data?: { readonly organization?: { readonly events: { readonly nodes: unknown[] } } }
  readonly errors?: unknown
}

function told(error: unknown): string {
  return error instanceof Error ? `${error.message} (${error.cause})` : String(error)
}
