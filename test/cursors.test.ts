// Anybody can make up a cursor. Each is either a position in a list that the viewer may see anyway, or refused with the
// same message; none causes a fault or reveals hidden data. A cursor contains the date and ID of an event, the name and
// ID of a principal, or the ID of an event: nothing that the viewer may not know, so cursors are not signed.

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { user } from './support/people.ts'

const RUNS = LONG ? 5_000 : 60

let gateway: TestApp
const tokens: { owner: string; blind: string; other: string } = { owner: '', blind: '', other: '' }

/** Every name and user agent of the other Organization contains this. */
const HIDDEN = 'mallory'

beforeAll(async () => {
  gateway = await openApp({ rate: { perSecond: 0, burst: 0 } })
  const eventsOf = (organizationId: string, group: string, userAgent: string) =>
    Array.from({ length: 12 }, (_, number) =>
      event({
        ...{ organizationId, userAgent, id: uuid(number, group) },
        createdAt: at('2026-01-01T00:00:00Z') + Math.floor(number / 2) * 1_000_001,
        principalId: uuid(number % 4),
      }),
    )
  await gateway.store.append(eventsOf(ORGANIZATION, 'e0000000', 'curl'))
  await gateway.store.append(eventsOf(OTHER_ORGANIZATION, 'e1000000', HIDDEN))
  for (const organizationId of [ORGANIZATION, OTHER_ORGANIZATION]) {
    const hidden = organizationId === OTHER_ORGANIZATION
    const entries = [1, 2, 3].map(number =>
      user({ id: uuid(number), organizationId, name: `${hidden ? HIDDEN : 'alice'} ${number}` }),
    )
    await gateway.store.updateDirectory({ organizationId, kind: 'user', entries, complete: true })
  }
  tokens.owner = await gateway.token()
  tokens.blind = await gateway.token(['AuditTrailReadOnly'])
  tokens.other = await gateway.token([], [OTHER_ORGANIZATION])
})
afterAll(() => gateway.store.close())

const LISTS = {
  events: (after: string) =>
    `events(first: 3, after: ${JSON.stringify(after)}) { nodes { id: eventId userAgent principal { name } } pageInfo { endCursor } }`,
  principals: (after: string) =>
    `principals(first: 2, after: ${JSON.stringify(after)}) { nodes { id: principalId name } pageInfo { endCursor } }`,
  eventFeed: (after: string) =>
    `eventFeed(first: 3, after: ${JSON.stringify(after)}) { nodes { id: eventId userAgent } cursor }`,
} as const
type List = keyof typeof LISTS

function query(list: List, organizationId: string, after: string | null): string {
  const field = LISTS[list](after ?? '')
  const selection = after === null ? field.replace(/, after: ""/, '') : field
  return `{ organization(id: "${organizationId}") { ${selection} } }`
}

const REFUSED = /^after: "(?:[^"\\]|\\.){0,90}" is not a cursor of this /

/** Reads a list from a cursor, and returns whether it was accepted. Asserts that nothing hidden is in the response. */
async function read(list: List, token: string, cursor: string): Promise<'accepted' | 'refused'> {
  const { status, body, data, errors } = await gateway.ask(
    query(list, ORGANIZATION, cursor),
    {},
    token,
  )
  expect(status).toBe(200)
  // An error may repeat the beginning of a cursor, but not what is in the database.
  expect(JSON.stringify(data)).not.toContain(HIDDEN)
  expect(body).not.toContain(OTHER_ORGANIZATION)
  if (token === tokens.blind) expect(JSON.stringify(data)).not.toContain('alice')
  if (errors === undefined) return 'accepted'
  expect(errors).toHaveLength(1)
  expect(errors[0].extensions.code).toBe('BAD_USER_INPUT')
  expect(errors[0].message).toMatch(REFUSED)
  return 'refused'
}

/** A cursor of each list, as each viewer got it. */
async function cursors(): Promise<string[]> {
  const found: string[] = []
  for (const [token, organizationId] of [
    [tokens.owner, ORGANIZATION],
    [tokens.blind, ORGANIZATION],
    [tokens.other, OTHER_ORGANIZATION],
  ] as const) {
    for (const list of Object.keys(LISTS) as List[]) {
      const { data } = await gateway.ask(query(list, organizationId, null), {}, token)
      const page = data.organization[list]
      found.push(page.cursor ?? page.pageInfo.endCursor)
    }
  }
  expect(found.every(cursor => typeof cursor === 'string' && cursor.length > 8)).toBe(true)
  return found
}

const LIST = fc.constantFrom(...(Object.keys(LISTS) as List[]))
const VIEWER = fc.constantFrom('owner' as const, 'blind' as const)

describe('a cursor', () => {
  test('of another viewer, list or Organization is accepted or refused, and reveals nothing hidden', async () => {
    const outcomes = { accepted: 0, refused: 0 }
    for (const cursor of await cursors()) {
      for (const list of Object.keys(LISTS) as List[]) {
        for (const viewer of ['owner', 'blind'] as const) {
          outcomes[await read(list, tokens[viewer], cursor)]++
        }
      }
    }
    // Both must happen, or this test would prove nothing.
    expect(outcomes.accepted).toBeGreaterThan(5)
    expect(outcomes.refused).toBeGreaterThan(5)
    expect(gateway.faults).toEqual([])
  })

  test('with a flipped bit, truncated or lengthened is accepted or refused, and reveals nothing hidden', async () => {
    const issued = await cursors()
    await fc.assert(
      fc.asyncProperty(
        ...([LIST, VIEWER, fc.nat(issued.length - 1), fc.nat(), fc.nat(7), fc.nat(2)] as const),
        async (list, viewer, which, where, bit, how) => {
          const cursor = issued[which] ?? ''
          const bytes = Buffer.from(cursor, 'base64url')
          const place = where % Math.max(1, bytes.length)
          if (how === 0) bytes[place] = (bytes[place] ?? 0) ^ (1 << bit)
          const altered =
            how === 0
              ? bytes.toString('base64url')
              : how === 1
                ? cursor.slice(0, where % cursor.length)
                : cursor + cursor.slice(0, 1 + (where % 9))
          await read(list, tokens[viewer], altered)
        },
      ),
      { numRuns: RUNS },
    )
    expect(gateway.faults).toEqual([])
  })

  test('of arbitrary characters is accepted or refused, and reveals nothing hidden', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ maxLength: 100 }).map(text => Buffer.from(text).toString('base64url')),
      fc
        .tuple(fc.bigInt(), fc.uuid())
        .map(pair => Buffer.from(pair.join(' ')).toString('base64url')),
      fc
        .tuple(fc.double(), fc.string())
        .map(pair => Buffer.from(pair.join(' ')).toString('base64url')),
      fc.json().map(text => Buffer.from(text).toString('base64url')),
    )
    await fc.assert(
      fc.asyncProperty(LIST, VIEWER, text, async (list, viewer, cursor) => {
        // A text that is not valid Unicode, or contains NUL, is refused before it is read as a cursor.
        fc.pre(cursor.isWellFormed() && !cursor.includes('\0'))
        await read(list, tokens[viewer], cursor)
      }),
      { numRuns: RUNS },
    )
    expect(gateway.faults).toEqual([])
  })

  const id = uuid(3, 'e0000000')

  test.each<[List, string]>([
    ['events', `9007199254740992 ${id}`],
    ['events', `-9007199254740992 ${id}`],
    ['events', `1767225600000000.5 ${id}`],
    ['events', `1e15 ${id}`],
    ['events', ` ${id}`],
    ['events', '1767225600000000 '],
    ['events', `1767225600000000 ${id} `],
    ['events', `1767225600000000  ${id}`],
    ['events', `1767225600000000 ${id.toUpperCase()}`],
    ['events', `["alice 1","${uuid(1)}"]`],
    ['principals', `1767225600000000 ${id}`],
    ['principals', '["alice 1"]'],
    ['principals', `["alice 1","${uuid(1)}",""]`],
    ['principals', `["alice 1",1]`],
    ['principals', `[null,"${uuid(1)}"]`],
    ['principals', `{"0":"alice 1","1":"${uuid(1)}","length":2}`],
    ['principals', `["alice\\u0000","${uuid(1)}"]`],
    ['principals', `["alice 1","\\u0000"]`],
    ['principals', `["alice 1","\\ud800"]`],
    ['principals', 'null'],
  ])('of %s that the server does not issue is refused: %j', async (list, text) => {
    const cursor = Buffer.from(text).toString('base64url')
    expect(await read(list, tokens.owner, cursor)).toBe('refused')
  })

  test('of an event before 1970 continues the list after that event', async () => {
    const app = await openApp()
    const old = [3, 2, 1].map(ago => event({ createdAt: at('1970-01-01T00:00:00Z') - ago }))
    await app.store.append(old)
    const seen: string[] = []
    for (let after: string | null = null; seen.length < 3; ) {
      const { data } = await app.ask(
        `query ($after: String) { organization(id: "${ORGANIZATION}") {
          events(first: 1, after: $after, orderBy: CREATED_AT_ASC) { nodes { id: eventId } pageInfo { endCursor hasNextPage } } } }`,
        { after },
      )
      const { nodes, pageInfo } = data.organization.events
      expect(nodes).toHaveLength(1)
      seen.push(nodes[0].id)
      expect(pageInfo.hasNextPage).toBe(seen.length < 3)
      after = pageInfo.endCursor
    }
    expect(seen).toEqual(old.map(one => one.id))
    await app.store.close()
  })

  test('of another Organization, in a feed or an export, is refused exactly like one that does not exist', async () => {
    const responseFor = async (path: string, cursor: string) => {
      const response = await gateway.fetch(path.replace('CURSOR', cursor), {
        headers: { 'x-auth-token': tokens.owner, 'x-request-id': 'same' },
      })
      const text = (await response.text()).replaceAll(cursor, 'CURSOR')
      return JSON.stringify([response.status, [...response.headers], text])
    }
    for (const path of [
      `/feed/${ORGANIZATION}?after=CURSOR`,
      `/export/${ORGANIZATION}.csv?snapshot=CURSOR`,
      `/export/${ORGANIZATION}.ndjson?snapshot=CURSOR&after=${uuid(1, 'e0000000')}`,
    ]) {
      const hidden = await responseFor(path, uuid(3, 'e1000000'))
      expect(hidden).toBe(await responseFor(path, uuid(404)))
      expect(hidden).toMatch(/^\[400,/)
      expect(await responseFor(path, uuid(3, 'e0000000'))).toMatch(/^\[200,/)
    }
  })
})
