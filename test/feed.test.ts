// The feed: events in order of arrival whatever their dates, each exactly once from any cursor, and no hidden events.

import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Event, FEED_START } from '../src/event.ts'
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
import { filterInput, inOrder } from './support/streams.ts'

const FEED = `query ($id: ID!, $after: String, $first: Int, $filter: EventFilter) {
  organization(id: $id) { eventFeed(after: $after, first: $first, filter: $filter) {
    nodes { id: eventId } cursor hasMore
  } }
}`

interface Page {
  readonly ids: string[]
  readonly cursor: string
  readonly hasMore: boolean
}

let app: TestApp

beforeEach(async () => {
  app = await openApp()
})

afterEach(() => app.store.close())

async function feed(variables: object = {}, of = app): Promise<Page> {
  const { data, errors } = await of.ask(FEED, { id: ORGANIZATION, ...variables })
  expect(errors).toBeUndefined()
  const { nodes, cursor, hasMore } = data.organization.eventFeed
  return { ids: nodes.map(({ id }: { id: string }) => id), cursor, hasMore }
}

async function refusalOf(variables: object): Promise<{ message: string; code: string }> {
  const { errors } = await app.ask(FEED, { id: ORGANIZATION, ...variables })
  expect(errors).toHaveLength(1)
  expect(errors?.[0].message).not.toContain('\n')
  return { message: errors?.[0].message, code: errors?.[0].extensions.code }
}

function ids(events: readonly Event[]): string[] {
  return events.map(({ id }) => id)
}

describe('the feed', () => {
  test('returns an event that arrives late after those already there, whatever its date', async () => {
    const early = [event(), event()]
    await app.store.append(early)
    const first = await feed()
    expect(first).toEqual({ ids: ids(early), cursor: early[1]?.id, hasMore: false })
    const late = event({ createdAt: at('2020-01-01T00:00:00Z') })
    await app.store.append([late])
    expect(await feed({ after: first.cursor })).toEqual({
      ids: [late.id],
      cursor: late.id,
      hasMore: false,
    })
  })

  test('returns an empty page for a cursor at its end until an event arrives', async () => {
    await app.store.append([event()])
    const { cursor } = await feed()
    const end = { ids: [], cursor, hasMore: false }
    expect(await feed({ after: cursor })).toEqual(end)
    expect(await feed({ after: cursor })).toEqual(end)
    const next = event()
    await app.store.append([next])
    expect((await feed({ after: cursor })).ids).toEqual([next.id])
  })

  test('gives a cursor for an Organization without events, after which the first event follows', async () => {
    await app.store.nameOrganization({ id: ORGANIZATION, name: 'Empty' })
    const { cursor } = await feed()
    expect(await feed()).toEqual({ ids: [], cursor, hasMore: false })
    const first = event()
    await app.store.append([first])
    expect((await feed({ after: cursor })).ids).toEqual([first.id])
  })

  test('accepts the ID of any event as a cursor, in either case, even if the filter excludes that event', async () => {
    const events = [event({ action: 'deleted' }), event(), event()]
    await app.store.append(events)
    const [first, ...others] = ids(events)
    expect((await feed({ after: first })).ids).toEqual(others)
    expect((await feed({ after: first?.toUpperCase() })).ids).toEqual(others)
    const filter = { actions: ['CREATED'] }
    expect((await feed({ after: first, filter })).ids).toEqual(others)
  })

  test('accepts a cursor after the database was closed and opened again', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'log.db')
    const before = await openApp({ file })
    const events = [event(), event(), event()]
    await before.store.append(events)
    const { cursor } = await feed({ first: 1 }, before)
    await before.store.close()
    const after = await openApp({ file })
    expect((await feed({ after: cursor }, after)).ids).toEqual(ids(events.slice(1)))
    await after.store.close()
  })
})

describe('a page', () => {
  test('has 50 events by default, and up to 100 on request', async () => {
    const events = Array.from({ length: 120 }, () => event())
    await app.store.append(events)
    expect((await feed()).ids).toEqual(ids(events.slice(0, 50)))
    const hundred = await feed({ first: 100 })
    expect(hundred).toEqual({
      ids: ids(events.slice(0, 100)),
      cursor: events[99]?.id,
      hasMore: true,
    })
    expect(await feed({ first: 100, after: hundred.cursor })).toEqual({
      ids: ids(events.slice(100)),
      cursor: events[119]?.id,
      hasMore: false,
    })
  })

  test('of no events does not advance the cursor', async () => {
    await app.store.append([event()])
    const { cursor, ...page } = await feed({ first: 0 })
    expect(page).toEqual({ ids: [], hasMore: true })
    expect((await feed({ after: cursor })).ids).toHaveLength(1)
  })

  test('can be empty under a filter although matching events follow, to which its cursor leads', async () => {
    const wanted = event({ action: 'deleted' })
    await app.store.append([...Array.from({ length: 12_000 }, () => event()), wanted])
    const filter = { actions: ['DELETED'] }
    const first = await feed({ filter })
    expect(first).toMatchObject({ ids: [], hasMore: true })
    let page = first
    for (let requests = 1; page.hasMore; requests++) {
      expect(requests).toBeLessThan(10)
      page = await feed({ filter, after: page.cursor })
    }
    expect(page.ids).toEqual([wanted.id])
  })

  test.each([
    [-1, 'BAD_USER_INPUT', 'first: -1 is less than 0; ask for 0 or more'],
    [
      101,
      'LIMIT_EXCEEDED',
      'first: 101 is more than 100, the largest page; ask for 100 and follow cursor',
    ],
  ])('of %i events is refused', async (first, code, message) => {
    await app.store.append([event()])
    expect(await refusalOf({ first })).toEqual({ code, message })
  })
})

describe('an invalid cursor', () => {
  test.each([
    ['an empty string', ''],
    ['a word', 'garbage'],
    ['the ID of an event that does not exist', uuid(12345)],
    ['a cursor of events by date', 'MTc3MjY3MjI3NjQwMTAzMCA5YjdiNTE3ZC05NTUx'],
    ['200,000 characters', 'x'.repeat(200_000)],
    ['a string with NUL', 'a\0b'],
  ])('is refused: %s', async (_, after) => {
    await app.store.append([event()])
    const { code, message } = await refusalOf({ after })
    expect(code).toBe('BAD_USER_INPUT')
    expect(message).toMatch(/^after: ".*" is not a cursor of this Organization's feed; use/)
    expect(message.length).toBeLessThan(300)
  })

  test('that is the ID of an event of another Organization is refused like an ID that does not exist', async () => {
    const [own, foreign] = [event(), event({ organizationId: OTHER_ORGANIZATION })]
    await app.store.append([own, foreign])
    const missing = uuid(777)
    const { message } = await refusalOf({ after: foreign.id })
    expect(message.replace(foreign.id, missing)).toBe((await refusalOf({ after: missing })).message)
  })
})

test('an invalid filter is refused with the name of the condition and its value', async () => {
  await app.store.append([event()])
  const { code, message } = await refusalOf({ filter: { ipAddresses: ['10.0.0'] } })
  expect(code).toBe('BAD_USER_INPUT')
  expect(message).toContain('ipAddresses: "10.0.0"')
})

describe('an Organization whose events the viewer may not see', () => {
  const HIDDEN = `query ($after: String) { viewer { memberships { organization {
    id eventFeed(after: $after) { nodes { id: eventId } cursor hasMore }
  } } } }`

  test('has an empty feed with the same cursor as an Organization without events', async () => {
    await app.store.append([event()])
    const { data } = await app.ask(HIDDEN, {}, await app.token(['IAMUserReadOnly']))
    expect(data.viewer.memberships[0].organization.eventFeed).toEqual({
      nodes: [],
      cursor: FEED_START,
      hasMore: false,
    })
  })

  test('refuses the ID of one of its events as a cursor, like an ID that does not exist', async () => {
    const hidden = event()
    await app.store.append([hidden])
    const token = await app.token(['IAMUserReadOnly'])
    const missing = uuid(777)
    const [ofHidden, ofMissing] = [
      await app.ask(HIDDEN, { after: hidden.id }, token),
      await app.ask(HIDDEN, { after: missing }, token),
    ]
    expect(ofHidden.errors?.[0].extensions.code).toBe('BAD_USER_INPUT')
    expect(ofHidden.body.replaceAll(hidden.id, missing)).toBe(ofMissing.body)
  })
})

/** Steps in turn: events arrive, or a consumer reads a page, and may crash before it saves the page and its cursor. */
const arbitraryHistory = fc.array(
  fc.oneof(
    fc.record({ arrive: fc.array(arbitraryEvent, { minLength: 1, maxLength: 8 }) }),
    fc.record({ first: fc.integer({ min: 0, max: 5 }), crashes: fc.boolean() }),
  ),
  { maxLength: 25 },
)

test('a consumer that continues from its last saved cursor receives each matching event exactly once, in order of arrival', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryHistory, arbitraryFilter, async (history, anyFilter) => {
      const filter = inOrder(anyFilter)
      const app = await openApp()
      await app.store.nameOrganization({ id: ORGANIZATION, name: null })
      const arrived = new Map<string, Event>()
      const seen: string[] = []
      let cursor: string | undefined
      const read = async (first: number, crashes = false) => {
        const page = await feed({ after: cursor, first, filter: filterInput(filter) }, app)
        if (crashes) return page
        seen.push(...page.ids)
        cursor = page.cursor
        return page
      }
      for (const step of history) {
        if ('arrive' in step) {
          await app.store.append(step.arrive)
          for (const one of step.arrive) if (!arrived.has(one.id)) arrived.set(one.id, one)
        } else await read(step.first, step.crashes)
      }
      while ((await read(3)).hasMore);
      const wanted = [...arrived.values()].filter(one => matches(one, filter))
      expect(seen).toEqual(ids(wanted))
      await app.store.close()
    }),
    { numRuns: LONG ? 750 : 50 },
  )
})
