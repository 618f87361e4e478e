// Subscriptions over server-sent events: no event is lost or delivered twice wherever a stream ends, and a stream ends
// with its token, its client or its server.

import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { type Event, FEED_START } from '../src/event.ts'
import type { Instant } from '../src/instant.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { openApp, type TestApp } from './support/app.ts'
import { temporaryFolder } from './support/command.ts'
import {
  arbitraryEvent,
  arbitraryFilter,
  at,
  event,
  matches,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  uuid,
} from './support/events.ts'
import { LONG } from './support/long.ts'
import { user } from './support/people.ts'
import {
  filterInput,
  HEARTBEAT,
  inOrder,
  type Listener,
  type Subscribing,
  subscribe,
} from './support/streams.ts'

const ADA = user({ id: uuid(7) })

type Options = Parameters<typeof openApp>[0]

let app: TestApp
let owner: string

/** An app that holds one event. */
async function open(options: Options = {}): Promise<void> {
  app = await openApp(options)
  owner = await app.token()
  await app.store.append([event()])
}

afterEach(async () => {
  app.app.close()
  await app.store.close()
})

function listen(options: Partial<Subscribing> = {}): Promise<Listener> {
  return subscribe(app.fetch, { token: owner, ...options })
}

/** The IDs of the next events. */
async function take(listener: Listener, count: number): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < count) {
    const message = await listener.next()
    if (message?.event !== 'next' || message.data.errors) {
      throw new Error(`no event, but ${JSON.stringify(message)}`)
    }
    ids.push(message.data.data.eventRecorded.id)
  }
  return ids
}

function ids(events: readonly Event[]): string[] {
  return events.map(({ id }) => id)
}

/** The statement that reads whether new events arrived. */
const READ = /\(SELECT max\(i\.sequence\) FROM events i\b/

const COMPLETE = { event: 'complete', data: undefined }

/** Expects that the stream ends here with this error and the cursor to resume from. */
async function expectEnd(listener: Listener, code: string, message: unknown, cursor: string) {
  expect(await listener.rest()).toEqual([
    {
      event: 'next',
      id: cursor,
      data: { errors: [expect.objectContaining({ message, extensions: { code, cursor } })] },
    },
    { ...COMPLETE, id: cursor },
  ])
}

describe('an event stream', () => {
  test('accepts the IDs of the Organization and of the cursor in upper case', async () => {
    await open()
    const [before, next] = [event({ id: uuid(0xabc, 'eabcdef0') }), event()]
    await app.store.append([before, next])
    const variables = { organizationId: ORGANIZATION.toUpperCase(), after: before.id.toUpperCase() }
    expect(await take(await listen({ variables }), 1)).toEqual([next.id])
  })

  test('has the headers and the format of GraphQL over SSE, with the cursor of each event as its ID', async () => {
    await open()
    const { response, block } = await listen()
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-request-id': expect.any(String),
      'x-accel-buffering': 'no',
    })
    expect(await block()).toMatch(HEARTBEAT)
    const { id } = event()
    await app.store.append([event({ id })])
    expect(await block()).toBe(
      `id: ${id}\nevent: next\ndata: {"data":{"eventRecorded":{"id":"${id}"}}}\n\n`,
    )
    app.app.close()
    // There is no `complete`, so that the client reconnects.
    expect(await block()).toBeNull()
  })

  test('without events sends heartbeats with the cursor to resume from', async () => {
    await open({ streams: { heartbeat: 5 } })
    const old = event()
    await app.store.append([old])
    const silent = await listen()
    for (let beats = 0; beats < 3; beats++)
      expect(await silent.block()).toBe(`:\nid: ${old.id}\n\n`)
    await silent.leave()
    const missed = event()
    await app.store.append([missed])
    expect(await take(await listen({ variables: { after: old.id } }), 1)).toEqual([missed.id])
  })

  test.each(['text/event-stream', 'application/json, text/event-stream;q=0.9', '*/*'])(
    'is returned for Accept: %s',
    async accept => {
      await open()
      const listener = await listen({ accept })
      const next = event()
      await app.store.append([next])
      expect(await take(listener, 1)).toEqual([next.id])
    },
  )

  test.each(['application/json', 'application/graphql-response+json', 'multipart/mixed'])(
    'is not returned for Accept: %s, with an error that names the right header, and takes no slot',
    async accept => {
      await open({ streams: { most: 1 } })
      const { response, text } = await listen({ accept })
      expect(response.status).toBe(406)
      const message =
        'a subscription is returned as an event stream; send Accept: text/event-stream'
      expect(JSON.parse(await text())).toEqual({
        errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }],
      })
      expect((await listen()).response.status).toBe(200)
    },
  )

  test('has the result of a query as its only message', async () => {
    await open()
    const listener = await listen({ query: '{ __typename }' })
    expect(listener.response.headers.get('content-type')).toBe('text/event-stream')
    expect(await listener.rest()).toEqual([
      { id: undefined, event: 'next', data: { data: { __typename: 'Query' } } },
      { id: undefined, ...COMPLETE },
    ])
  })

  test('has the error of an invalid query as its only message, with a documented code', async () => {
    await open()
    const listener = await listen({ query: '{ secrets }' })
    const [answer, end] = await listener.rest()
    expect(answer?.data.errors).toHaveLength(1)
    expect(answer?.data.errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT' })
    expect(end).toMatchObject(COMPLETE)
  })
})

describe('the events of a subscription', () => {
  test('without a cursor are those that arrive from now on, also with earlier dates', async () => {
    await open()
    const listener = await listen()
    const next = [event(), event({ createdAt: at('2020-01-01T00:00:00Z') })]
    await app.store.append(next)
    expect(await take(listener, 2)).toEqual(ids(next))
  })

  test('with a cursor are those that arrived after it, and then new ones', async () => {
    await open()
    const events = [event(), event(), event()]
    await app.store.append(events)
    const listener = await listen({ variables: { after: events[0]?.id } })
    expect(await take(listener, 2)).toEqual(ids(events.slice(1)))
    const live = event()
    await app.store.append([live])
    expect(await take(listener, 1)).toEqual([live.id])
  })

  test('include those that arrive between the response and its first message', async () => {
    await open()
    const listener = await listen()
    const next = event()
    await app.store.append([next])
    expect(await listener.block()).toMatch(HEARTBEAT)
    expect(await take(listener, 1)).toEqual([next.id])
  })

  test('are those that match the filter, and of no other Organization', async () => {
    await open()
    const listener = await listen({ variables: { filter: { actions: ['DELETED'] } } })
    const wanted = event({ action: 'deleted' })
    await app.store.append([
      event(),
      event({ action: 'deleted', organizationId: OTHER_ORGANIZATION }),
      wanted,
    ])
    expect(await take(listener, 1)).toEqual([wanted.id])
    app.app.close()
    expect(await listener.rest()).toEqual([])
  })

  test('include those that another store of the same file appends', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'log.db')
    await open({ file })
    const listener = await listen()
    const elsewhere = await openStore(file, { scalewayIds: scalewayIds() })
    const next = event()
    await elsewhere.append([next])
    expect(await take(listener, 1)).toEqual([next.id])
    await elsewhere.close()
  })

  test('have the names of principals that are current when they arrive', async () => {
    await open()
    const name = (name: string) =>
      app.store.updateDirectory({
        organizationId: ORGANIZATION,
        kind: 'user',
        entries: [{ ...ADA, name }],
        complete: false,
      })
    await name('Ada Byron')
    const listener = await listen({
      query: `subscription ($organizationId: ID!) {
        eventRecorded(organizationId: $organizationId) { principal { name } }
      }`,
    })
    const delivered = async () => {
      await app.store.append([event({ principalId: ADA.id })])
      return (await listener.next())?.data.data.eventRecorded.principal.name
    }
    expect(await delivered()).toBe('Ada Byron')
    await name('Ada Lovelace')
    expect(await delivered()).toBe('Ada Lovelace')
  })

  test('are searched in steps, so that a long search does not block the process', async () => {
    let reads = 0
    await open({
      onStatement: text => {
        if (READ.test(text)) reads++
      },
    })
    await app.store.append(Array.from({ length: 30_000 }, () => event()))
    const listener = await listen({
      variables: { after: FEED_START, filter: { actions: ['DELETED'] } },
    })
    const end = listener.next()
    await new Promise(resolve => setImmediate(resolve))
    expect(reads).toBeGreaterThan(0)
    expect(reads).toBeLessThan(6)
    app.app.close()
    expect(await end).toBeNull()
  })
})

describe('a client that reconnects', () => {
  const reconnect = (lastEventId: string, options: Partial<Subscribing> = {}) =>
    subscribe(
      (path, init) =>
        app.fetch(path, { ...init, headers: { ...init.headers, 'last-event-id': lastEventId } }),
      { token: owner, ...options },
    )

  test('with a Last-Event-ID resumes after that event, whatever the cursor in its variables is', async () => {
    await open()
    const events = [event(), event(), event()]
    await app.store.append(events)
    for (const after of [undefined, FEED_START, events[0]?.id]) {
      const listener = await reconnect(events[1]?.id ?? '', { variables: { after } })
      expect(await take(listener, 1)).toEqual([events[2]?.id])
      await listener.leave()
    }
  })

  test('with an empty Last-Event-ID begins after the cursor in its variables', async () => {
    await open()
    const events = [event(), event()]
    await app.store.append(events)
    const listener = await reconnect('', { variables: { after: events[0]?.id } })
    expect(await take(listener, 1)).toEqual([events[1]?.id])
  })
})

describe('a subscription is refused', () => {
  async function refusalOf(
    options: Partial<Subscribing>,
  ): Promise<{ message: string; code: string }> {
    const listener = await listen(options)
    const [{ data } = { data: {} }, end] = await listener.rest()
    expect(end).toMatchObject(COMPLETE)
    expect(data.errors).toHaveLength(1)
    expect(data.errors[0].message).not.toContain('\n')
    return { message: data.errors[0].message, code: data.errors[0].extensions.code }
  }

  test('for a hidden Organization with the same error as for one that does not exist', async () => {
    await open()
    await app.store.append([event({ organizationId: OTHER_ORGANIZATION })])
    const of = (organizationId: string, token = owner) =>
      refusalOf({ variables: { organizationId }, token })
    const hidden = await of(OTHER_ORGANIZATION)
    expect(hidden).toEqual({
      code: 'BAD_USER_INPUT',
      message: `Organization "${OTHER_ORGANIZATION}" was not found among those whose events you may see; \`organizations\` lists them`,
    })
    const missing = await of(uuid(1))
    expect(missing.message.replace(uuid(1), OTHER_ORGANIZATION)).toBe(hidden.message)
    const withoutEvents = await of(ORGANIZATION, await app.token(['IAMUserReadOnly']))
    expect(withoutEvents.message.replace(ORGANIZATION, OTHER_ORGANIZATION)).toBe(hidden.message)
  })

  test.each(['', 'garbage', uuid(12345)])('for the invalid cursor "%s"', async after => {
    await open()
    const { code, message } = await refusalOf({ variables: { after } })
    expect(code).toBe('BAD_USER_INPUT')
    expect(message).toContain(`after: "${after}" is not a cursor of this Organization's feed`)
  })

  test('for an invalid filter', async () => {
    await open()
    const { code, message } = await refusalOf({ variables: { filter: { ipAddresses: ['home'] } } })
    expect(code).toBe('BAD_USER_INPUT')
    expect(message).toContain('ipAddresses: "home"')
  })

  test('with a wrong token', async () => {
    await open()
    const { response } = await listen({ token: 'ilg_wrong' })
    expect(response.status).toBe(401)
  })

  test('while the server has the most allowed, until one ends', async () => {
    await open({ streams: { most: 2 } })
    const [first] = [await listen(), await listen()]
    const { response, text } = await listen()
    expect(response.status).toBe(429)
    expect(JSON.parse(await text())).toEqual({
      errors: [
        {
          message:
            'this server has 2 open subscriptions, the most allowed; end one, or try again later',
          extensions: { code: 'LIMIT_EXCEEDED' },
        },
      ],
    })
    await first?.leave()
    expect((await listen()).response.status).toBe(200)
  })

  test('while its token has the most allowed, but not for another token', async () => {
    await open({ streams: { mostOfViewer: 1 } })
    const [token, other] = [await app.token(), await app.token()]
    const first = await listen({ token })
    const { response, text } = await listen({ token })
    expect(response.status).toBe(429)
    expect(await text()).toContain('this token has 1 open subscription,')
    expect((await listen({ token: other })).response.status).toBe(200)
    await first.leave()
    expect((await listen({ token })).response.status).toBe(200)
  })
})

describe('a subscription ends', () => {
  test('at its maximum age without a message, so that its client reconnects', async () => {
    await open({ streams: { life: 50 } })
    const listener = await listen()
    expect(await listener.rest()).toEqual([])
  })

  const RECHECK = { streams: { recheck: 5 } }

  test('when its token is revoked, with the cursor to resume from', async () => {
    await open(RECHECK)
    const token = await app.token(['IAMReadOnly'])
    const listener = await listen({ token })
    const last = event()
    await app.store.append([last])
    await take(listener, 1)
    await revoke('IAMReadOnly')
    await expectEnd(listener, 'UNAUTHENTICATED', expect.stringContaining('not valid'), last.id)
    const missed = event()
    await app.store.append([missed])
    const again = await listen({ variables: { after: last.id } })
    expect(await take(again, 1)).toEqual([missed.id])
  })

  test('when its token expires', async () => {
    let clock: Instant = 1000
    await open({ ...RECHECK, clock: () => clock })
    const { token, secret, hash } = newToken(
      {
        name: null,
        grants: [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }],
        expiresAt: 2000,
      },
      0,
    )
    await app.store.tokens.create(token, hash)
    const { cursor } = await feedEnd()
    const listener = await listen({ token: secret })
    clock = 2000
    await expectEnd(listener, 'UNAUTHENTICATED', expect.stringContaining('not valid'), cursor)
  })

  test('when the rights of its token change', async () => {
    await open(RECHECK)
    const setType = (type: string) =>
      app.store.updateDirectory({
        organizationId: ORGANIZATION,
        kind: 'user',
        entries: [{ ...ADA, type }],
        complete: false,
      })
    await setType('owner')
    const grants = [{ organizationId: ORGANIZATION, principalId: ADA.id }]
    const { token, secret, hash } = newToken({ name: null, grants, expiresAt: null }, 0)
    await app.store.tokens.create(token, hash)
    const { cursor } = await feedEnd()
    const listener = await listen({ token: secret })
    expect(await listener.block()).toMatch(HEARTBEAT)
    await setType('member')
    await expectEnd(listener, 'FORBIDDEN', 'your rights changed; connect again', cursor)
  })

  test('when its client reads nothing, with a cursor that loses and repeats no event', async () => {
    const cut = Promise.withResolvers<void>()
    await open({ streams: { patience: 20 }, watching: { answered: () => cut.resolve() } })
    const listener = await listen()
    const events = [event(), event(), event(), event()]
    await app.store.append(events)
    const seen = await take(listener, 1)
    await cut.promise
    const messages = await listener.rest()
    const [refused, end] = messages.splice(-2)
    seen.push(...messages.map(({ data }) => data.data.eventRecorded.id))
    expect(seen.length).toBeLessThan(events.length)
    const cursor = seen.at(-1)
    expect(refused?.data.errors).toEqual([
      {
        message:
          'the client read nothing for 0.02 seconds; connect again with `after` set to `extensions.cursor`',
        extensions: { code: 'LIMIT_EXCEEDED', cursor },
      },
    ])
    expect(end).toEqual({ ...COMPLETE, id: cursor })
    const again = await listen({ variables: { after: cursor } })
    expect([...seen, ...(await take(again, events.length - seen.length))]).toEqual(ids(events))
  })

  test('with a cursor after the events that its filter skipped', async () => {
    await open({ streams: { heartbeat: 5, recheck: 50 } })
    const skipped = [event(), event()]
    await app.store.append(skipped)
    const filter = { actions: ['DELETED'] }
    const token = await app.token(['IAMReadOnly'])
    const listener = await listen({ token, variables: { after: FEED_START, filter } })
    for (let beats = 0; beats < 3; beats++) expect(await listener.block()).toMatch(HEARTBEAT)
    await revoke('IAMReadOnly')
    const cursor = skipped[1]?.id ?? ''
    await expectEnd(listener, 'UNAUTHENTICATED', expect.any(String), cursor)
  })

  test('when the server stops, without an error', async () => {
    await open()
    const listener = await listen()
    app.app.close()
    expect(await listener.rest()).toEqual([])
    const late = await listen()
    expect(await late.rest()).toEqual([])
  })

  test('when the database fails, with a masked error, and one fault is reported', async () => {
    await open()
    const { cursor } = await feedEnd()
    const listener = await listen()
    expect(await listener.block()).toMatch(HEARTBEAT)
    await app.store.close()
    await expectEnd(
      listener,
      'INTERNAL_SERVER_ERROR',
      'An internal error occurred; it was logged for the operator.',
      cursor,
    )
    expect(app.faults).toHaveLength(1)
  })

  test('at an event whose fields cannot be resolved, with the cursor before that event', async () => {
    await open()
    const { cursor } = await feedEnd()
    const listener = await listen({
      query: `subscription ($organizationId: ID!) {
        eventRecorded(organizationId: $organizationId) {
          principal { events(first: 1000) { totalCount } }
        }
      }`,
    })
    await app.store.append([event()])
    await expectEnd(listener, 'LIMIT_EXCEEDED', expect.stringContaining('first: 1000'), cursor)
  })

  test.each([
    ['stops reading', (listener: Listener) => listener.leave()],
    ['disconnects', (_: Listener, leaving: AbortController) => leaving.abort()],
  ])('when its client %s, and then reads the database no more', async (_, leave) => {
    let reads = 0
    await open({
      streams: { most: 1 },
      onStatement: text => {
        if (READ.test(text)) reads++
      },
    })
    const leaving = new AbortController()
    const listener = await listen({ signal: leaving.signal })
    await app.store.append([event()])
    await take(listener, 1)
    await leave(listener, leaving)
    const before = reads
    expect(before).toBeGreaterThan(0)
    let another = await listen()
    await expect
      .poll(async () => {
        if (another.response.status !== 200) another = await listen()
        return another.response.status
      })
      .toBe(200)
    expect(await another.block()).toMatch(HEARTBEAT)
    for (const next of [event(), event(), event()]) {
      await app.store.append([next])
      expect(await take(another, 1)).toEqual([next.id])
    }
    // The other stream reads once at its beginning, and once for each arrival.
    expect(reads - before).toBeLessThanOrEqual(4)
  })
})

/** A sequence of steps: events arrive, or the client receives some and possibly reconnects. */
const arbitraryHistory = fc.array(
  fc.oneof(
    fc.record({ arrive: fc.array(arbitraryEvent, { minLength: 1, maxLength: 8 }) }),
    fc.record({ take: fc.integer({ min: 0, max: 5 }), restart: fc.boolean() }),
  ),
  { maxLength: 25 },
)

test('a client that resumes from its last event receives each matching event exactly once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryHistory, arbitraryFilter, async (history, filter) => {
      const ordered = inOrder(filter)
      app = await openApp()
      owner = await app.token()
      await app.store.nameOrganization({ id: ORGANIZATION, name: null })
      const arrived = new Map<string, Event>()
      const wanted = () => [...arrived.values()].filter(one => matches(one, ordered))
      const seen: string[] = []
      const connect = () =>
        listen({ variables: { after: seen.at(-1) ?? FEED_START, filter: filterInput(ordered) } })
      let listener = await connect()
      for (const step of history) {
        if ('arrive' in step) {
          await app.store.append(step.arrive)
          for (const one of step.arrive) if (!arrived.has(one.id)) arrived.set(one.id, one)
          continue
        }
        const available = wanted().length - seen.length
        seen.push(...(await take(listener, Math.min(step.take, available))))
        if (!step.restart) continue
        await listener.leave()
        listener = await connect()
      }
      seen.push(...(await take(listener, wanted().length - seen.length)))
      app.app.close()
      expect(await listener.rest()).toEqual([])
      expect(seen).toEqual(ids(wanted()))
      await app.store.close()
    }),
    { numRuns: LONG ? 750 : 50 },
  )
})

async function feedEnd(): Promise<{ cursor: string }> {
  const { data } = await app.ask(
    `{ organization(id: "${ORGANIZATION}") { eventFeed(first: 100) { cursor } } }`,
  )
  return data.organization.eventFeed
}

async function revoke(name: string): Promise<void> {
  const kept = (await app.store.tokens.list()).find(token => token.name === name)
  expect(await app.store.tokens.revoke(kept?.id ?? '')).not.toBeNull()
}
