// A server in front of an app, for a page that a test looks over the shoulder of: it tells what was asked by whom, and
// has the streams of subscriptions in its hands, which say what the test says and when. All else the app answers.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import type { TestApp } from './app.ts'

interface Asked {
  /** The name of the document's operation. */
  readonly name: string
  readonly token: string
  // biome-ignore lint/suspicious/noExplicitAny: variables are as various as the documents
  readonly variables: any
}

export interface Told extends Asked {
  /** An event, by its ID in the store, with the cursor that goes on after it. */
  tell(id: string, cursor: string): Promise<void>
  /** What is no event: a comment, or a block of the test's own. */
  say(block: string): void
  /** The end of the connection, without an end of the stream. */
  cut(): void
  readonly isOpen: boolean
}

export interface Door {
  readonly url: string
  /** All questions so far, in order; a subscription also stands in `streams`. */
  readonly asked: Asked[]
  readonly streams: Told[]
  /** How many questions, streams aside, have no answer yet. */
  readonly pending: number
  /** The names of what is asked while this is done, sorted. */
  during(done: () => Promise<unknown>): Promise<string[]>
  /** While this is set, subscriptions get this status and body at once. */
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

  async function told(question: Asked, response: ServerResponse): Promise<void> {
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
      ...question,
      async tell(id, cursor) {
        const { data } = await ask(ROW, { id })
        const said = JSON.stringify({ data: { eventRecorded: data.event } })
        response.write(`id: ${cursor}\nevent: next\ndata: ${said}\n\n`)
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
      const question = { name, token: String(request.headers['x-auth-token']), variables }
      asked.push(question)
      if (request.headers.accept === 'text/event-stream') return told(question, response)
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
    // Who asked may be gone meanwhile.
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

/** When this is answered, the page has got what was sent to it before. */
export async function heard(page: Page): Promise<void> {
  await page.evaluate("fetch('/').then(answer => answer.text())")
}
