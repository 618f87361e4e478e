// Retention drops events during an export, which then ends with an error, and never with a trailer that says it is
// complete; and events that are cursors of collectors.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { UserError } from '../src/errors.ts'
import type { Event } from '../src/event.ts'
import { createApp } from '../src/server/app.ts'
import type { AuditStore } from '../src/store.ts'
import { exportToFile } from '../src/transfer/export-to-file.ts'
import { verifyExport } from '../src/transfer/exported-file.ts'
import { NDJSON } from '../src/transfer/ndjson.ts'
import { temporaryFolder } from './support/command.ts'
import { at, event, ORGANIZATION } from './support/events.ts'
import { EXPORT_ENDINGS } from './support/paths.ts'
import { type Pglite, startPglite } from './support/postgres.ts'
import { owner } from './support/viewers.ts'

const DROPPED = 'retention deleted events during the export; start it again'
const MONTHS = ['2025-10', '2025-11', '2025-12']
/** More than one page. */
const EVENTS_OF_MONTH = 300

let pglite: Pglite
let store: AuditStore
let events: Event[]
let secret: string
let faults: unknown[]

beforeAll(async () => {
  pglite = await startPglite()
})
afterAll(() => pglite.close())

beforeEach(async () => {
  store = await pglite.open()
  faults = []
  events = MONTHS.flatMap(month =>
    Array.from({ length: EVENTS_OF_MONTH }, (_, number) =>
      event({ createdAt: at(`${month}-10T00:00:00Z`) + number * 1_000_000 }),
    ),
  )
  await store.append(events)
  const grants = [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }]
  const created = newToken({ name: null, grants, expiresAt: null }, 0)
  secret = created.secret
  await store.tokens.create(created.token, created.hash)
})

function ask(path: string): Promise<Response> {
  const app = createApp({ store, reportFault: error => faults.push(error) })
  const headers = { 'x-auth-token': secret }
  return app.fetch(new Request(`http://127.0.0.1${path}`, { headers }))
}

/** The text received, and the error that ended it; `afterFirst` is called once, after the first events. */
async function read(response: Response, afterFirst: () => unknown = () => {}) {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (let hasEvents = false; ; ) {
      const { done = true, value } = (await reader?.read()) ?? {}
      if (done) return { text, error: null }
      text += decoder.decode(value, { stream: true })
      if (hasEvents || !/curl/.test(text)) continue
      hasEvents = true
      await afterFirst()
    }
  } catch (error) {
    return { text, error }
  }
}

const TRAILER = /iam_logs_export|#end/

describe('an export', () => {
  test.each(EXPORT_ENDINGS)(
    'as %s ends with an error, without a trailer, if events that it has not sent yet are dropped',
    async extension => {
      const response = await ask(`/export/${ORGANIZATION}${extension}`)
      const drop = () => store.dropBefore(at('2025-12-01T00:00:00Z'))
      const { text, error } = await read(response, drop)
      expect(error).not.toBeNull()
      expect(text).not.toMatch(TRAILER)
      expect(faults).toEqual([new Error(DROPPED)])
    },
  )

  test('ends with an error also if only the event of its snapshot is dropped', async () => {
    await store.append([event({ createdAt: at('2025-10-20T00:00:00Z') })])
    const path = `/export/${ORGANIZATION}.ndjson?createdAfter=2025-11-01T00:00:00Z`
    const drop = () => store.dropBefore(at('2025-11-01T00:00:00Z'))
    const { text, error } = await read(await ask(path), drop)
    expect(error).not.toBeNull()
    expect(text).not.toMatch(TRAILER)
    expect(faults).toEqual([new Error(DROPPED)])
  })

  test('is complete if only events that it does not contain are dropped', async () => {
    const path = `/export/${ORGANIZATION}.ndjson?createdAfter=2025-12-01T00:00:00Z`
    const { text, error } = await read(await ask(path), () =>
      store.dropBefore(at('2025-12-01T00:00:00Z')),
    )
    expect(error).toBeNull()
    const lines = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.pop().iam_logs_export.events).toBe(EVENTS_OF_MONTH)
    expect(lines.map(({ id }) => id)).toEqual(events.slice(2 * EVENTS_OF_MONTH).map(({ id }) => id))
    expect(faults).toEqual([])
  })

  test('that begins afterwards contains the remaining events, and is complete', async () => {
    await store.dropBefore(at('2025-11-01T00:00:00Z'))
    const { text } = await read(await ask(`/export/${ORGANIZATION}.ndjson`))
    const { iam_logs_export: trailer } = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')
    expect(trailer).toMatchObject({
      events: 2 * EVENTS_OF_MONTH,
      first: events[EVENTS_OF_MONTH]?.id,
      last: events.at(-1)?.id,
    })
  })

  test('cannot be continued after an event that was dropped', async () => {
    const path = `/export/${ORGANIZATION}.ndjson`
    const response = await ask(path)
    await response.body?.cancel()
    await store.dropBefore(at('2025-11-01T00:00:00Z'))
    const rest = await ask(
      `${path}${response.headers.get('content-location')}&after=${events[9]?.id}`,
    )
    const { text, error } = await read(rest)
    expect(`${text} ${error}`).toMatch(/is not an event of this export/)
    expect(text).not.toMatch(TRAILER)
  })
})

test('a collector that has read the whole feed continues after retention deleted the event of its cursor', async () => {
  const last = events.at(-1)?.id
  const poll = async (after = last) => {
    const response = await ask(`/feed/${ORGANIZATION}?after=${after}`)
    return { status: response.status, body: await response.json() }
  }
  await store.dropBefore(at('2026-01-01T00:00:00Z'))
  expect(await poll()).toMatchObject({ status: 200, body: { logs: [], cursor: last } })
  const next = event({ createdAt: at('2026-01-10T00:00:00Z') })
  await store.append([next])
  expect(await poll()).toMatchObject({
    status: 200,
    body: { logs: [{ id: next.id }], cursor: next.id },
  })
  expect(await poll(events.at(-2)?.id)).toMatchObject({ status: 400 })
})

/** An export of all events that have arrived. */
async function requestForAll() {
  const snapshot = await store.reader(owner).lastArrival(ORGANIZATION)
  return { organizationId: ORGANIZATION, filter: {}, format: NDJSON, trailer: true, snapshot }
}

/** Begins a new export of what an Owner sees. */
const BEGIN = {
  resume: false,
  permissionSets: null,
  progress() {},
  stop: new AbortController().signal,
}

test('an interrupted export to a file cannot be continued after events were dropped, and creates no file', async () => {
  using folder = temporaryFolder()
  const log = store.reader(owner)
  const request = await requestForAll()
  const complete = join(folder.path, 'complete.ndjson')
  expect(await exportToFile(log, request, complete, BEGIN)).toMatchObject({
    events: events.length,
  })
  expect(await verifyExport(complete)).toMatchObject({ events: events.length })

  const part = join(folder.path, 'part.ndjson')
  let isFirst = true
  const stopping = exportToFile(log, request, part, {
    ...BEGIN,
    progress() {
      if (!isFirst) throw new Error('stopped')
      isFirst = false
    },
  })
  await expect(stopping).rejects.toThrow('stopped')
  await store.dropBefore(at('2025-12-01T00:00:00Z'))
  const continued = exportToFile(log, request, part, { ...BEGIN, resume: true })
  await expect(continued).rejects.toThrow(`${DROPPED}, after moving or removing ${part}.`)
  await expect(continued).rejects.toBeInstanceOf(UserError)
  expect(readdirSync(folder.path)).not.toContain('part.ndjson')
})

test('an export to a file during which events were dropped leaves no partial file behind', async () => {
  using folder = temporaryFolder()
  const log = store.reader(owner)
  const request = await requestForAll()
  const dropping: typeof log = {
    ...log,
    async events(query) {
      const page = await log.events(query)
      if (page.events.length > 1) await store.dropBefore(at('2025-12-01T00:00:00Z'))
      return page
    },
  }
  const exported = exportToFile(dropping, request, join(folder.path, 'events.ndjson'), BEGIN)
  await expect(exported).rejects.toThrow(DROPPED)
  expect(readdirSync(folder.path)).toEqual([])
})

test('of two exports to the same file at the same time, one fails and one is complete', async () => {
  using folder = temporaryFolder()
  const log = store.reader(owner)
  const request = await requestForAll()
  const path = join(folder.path, 'events.ndjson')
  const exporting = () => exportToFile(log, request, path, BEGIN)
  const ended = await Promise.allSettled([exporting(), exporting()])
  expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await verifyExport(path)).toMatchObject({ events: events.length })
})
