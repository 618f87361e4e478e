// A server between a page and an app, which records all queries, and lets the test control the streams of subscriptions.
// All other requests are answered by the app.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import type { TestApp } from './app.ts'

interface Asked {
  /** The name of the document's operation. */
  readonly name: string
  readonly token: string
  // biome-ignore lint/suspicious/noExplicitAny: the type of variables depends on the document
  readonly variables: any
}

export interface Told extends Asked {
  /** Sends the event of the store with this ID, with this cursor. */
  tell(id: string, cursor: string): Promise<void>
  /** Sends a block of the stream as it is, such as a comment. */
  say(block: string): void
  /** Closes the connection, without an end of the stream. */
  cut(): void
  readonly isOpen: boolean
}

export interface Door {
  readonly url: string
  /** All queries so far, in order; subscriptions are also in `streams`. */
  readonly asked: Asked[]
  readonly streams: Told[]
  /** The number of requests without a response yet, except streams. */
  readonly pending: number
  /** The names of queries while this is done, sorted. */
  during(done: () => Promise<unknown>): Promise<string[]>
  /** If set, subscriptions get this status and body at once. */
  refuse: { readonly status: number; readonly body: string } | null
  close(): Promise<void>
}

const ROW = `query ($id: ID!) { event(id: $id) {
  eventId createdAt action rawAction category rawCategory ipAddress userAgent
  principal { __typename principalId name }
  resource { resourceId category name bearer { __typename principalId name } }
} }`

export async function openDoor({ app, ask }: Pick<TestApp, 'app' | 'ask'>): Promise<Door> {
  const asked: Asked[] = []
  const streams: Told[] = []
  let pending = 0

  async function openStream(query: Asked, response: ServerResponse): Promise<void> {
    if (door.refuse !== null) {
      response.writeHead(door.refuse.status, { 'content-type': 'application/json' })
      response.end(door.refuse.body)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    let isOpen = true
    response.on('close', () => {
      isOpen = false
    })
    streams.push({
      ...query,
      async tell(id, cursor) {
        const { data } = await ask(ROW, { id })
        const message = JSON.stringify({ data: { eventRecorded: data.event } })
        response.write(`id: ${cursor}\nevent: next\ndata: ${message}\n\n`)
      },
      say: block => response.write(block),
      cut: () => response.destroy(),
      get isOpen() {
        return isOpen
      },
    })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { method = 'GET', url = '/' } = request
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
    if (method === 'POST') {
      const { query, variables } = JSON.parse(body.toString())
      const name = /(?:query|subscription) (\w+)/.exec(query)?.[1] ?? ''
      const recorded = { name, token: String(request.headers['x-auth-token']), variables }
      asked.push(recorded)
      if (request.headers.accept === 'text/event-stream') return openStream(recorded, response)
    }
    pending++
    try {
      const found = await app.fetch(
        new Request(`http://127.0.0.1${url}`, {
          method,
          headers: Object.fromEntries(headers),
          ...(method === 'POST' && { body }),
        }),
      )
      response.writeHead(found.status, Object.fromEntries(found.headers))
      response.end(Buffer.from(await found.arrayBuffer()))
    } finally {
      pending--
    }
  }

  const server = createServer((request, response) => {
    // The client may have disconnected meanwhile.
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const door: Door = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get pending() {
      return pending
    },
    streams,
    async during(done) {
      const before = asked.length
      await done()
      return asked
        .slice(before)
        .map(({ name }) => name)
        .sort()
    },
    refuse: null,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close').catch(() => {})
    },
  }
  return door
}

/** Resolves when the page has received everything that was sent before. */
export async function heard(page: Page): Promise<void> {
  await page.evaluate("fetch('/').then(answer => answer.text())")
}
