// The feed over HTTP, GET /feed/ORGANIZATION: pages and links for collectors, formats, permissions, invalid requests.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { FEED_ENDINGS } from './support/paths.ts'
import { user } from './support/people.ts'

let gateway: TestApp
let owner: string

beforeEach(async () => {
  gateway = await openApp()
  owner = await gateway.token()
})

afterEach(() => gateway.store.close())

const PATH = `/feed/${ORGANIZATION}`

function ask(path: string, token = owner, headers: Record<string, string> = {}) {
  return gateway.fetch(path, { headers: { 'x-auth-token': token, ...headers } })
}

function nextOf(response: Response, path: string): string {
  const [, next = ''] = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '') ?? []
  const { pathname, search } = new URL(next, `http://localhost${path}`)
  return pathname + search
}

// biome-ignore lint/suspicious/noExplicitAny: JSON that each test checks
async function page(path: string): Promise<{ body: any; next: string; poll: string | null }> {
  const response = await ask(path)
  expect(response.status).toBe(200)
  return {
    body: JSON.parse(await response.text()),
    next: nextOf(response, path),
    poll: response.headers.get('x-poll-interval'),
  }
}

test('a collector that follows the Link header gets each event once, also those stored late or meanwhile', async () => {
  const events = Array.from({ length: 250 }, (_, number) => event({ createdAt: 1e15 - number }))
  const waiting = [...events]
  await gateway.store.append(waiting.splice(0, 50))
  const collected: string[] = []
  let path = `${PATH}?limit=30`
  while (collected.length < events.length) {
    const { body, next, poll } = await page(path)
    collected.push(...body.logs.map(({ id }: { id: string }) => id))
    expect(next).toBe(`${PATH}?limit=30&after=${body.cursor}`)
    expect(poll).toBe(body.has_more ? '0' : '60')
    await gateway.store.append(waiting.splice(0, 20))
    path = next
  }
  expect(collected).toEqual(events.map(({ id }) => id))
  const { body, next } = await page(path)
  expect(body).toEqual({ logs: [], cursor: events.at(-1)?.id, has_more: false })
  const late = event({ createdAt: 0 })
  await gateway.store.append([late])
  expect((await page(next)).body.logs).toMatchObject([{ id: late.id }])
})

test('a cursor of the feed over HTTP continues eventFeed in the graph, with the same next cursor', async () => {
  await gateway.store.append(Array.from({ length: 20 }, () => event()))
  const { body } = await page(`${PATH}?limit=7`)
  const { data } = await gateway.ask(
    'query ($after: String) { organizations { eventFeed(after: $after, first: 7) { cursor } } }',
    { after: body.cursor },
  )
  const second = await page(`${PATH}?limit=7&after=${body.cursor}`)
  expect(second.body.cursor).toBe(data.organizations[0].eventFeed.cursor)
})

test('the Link header keeps the filter, also on a page without a matching event', async () => {
  const wanted = event({ action: 'deleted', userAgent: 'a&b=c' })
  const others = Array.from({ length: 6000 }, () => event())
  await gateway.store.append([...others, wanted])
  const first = await page(`${PATH}?actions=DELETED&userAgent=a%26b`)
  expect(first.body).toMatchObject({ logs: [], has_more: true })
  const second = await page(first.next)
  expect(second.body.logs).toMatchObject([{ id: wanted.id }])
  expect(new URL(second.next, 'http://a').searchParams.get('userAgent')).toBe('a&b')
})

test.each([
  [PATH, {}, 'application/json'],
  [PATH, { accept: 'application/json' }, 'application/json'],
  [PATH, { accept: 'application/x-ndjson' }, 'application/x-ndjson'],
  [`${PATH}.json`, { accept: 'application/x-ndjson' }, 'application/json'],
  [`${PATH}.ndjson`, { accept: 'application/json' }, 'application/x-ndjson'],
  [`${PATH}.ocsf.ndjson`, {}, 'application/x-ndjson'],
])('GET %s with the headers %j returns %s', async (path, headers, type) => {
  const some = event()
  await gateway.store.append([some, event()])
  const response = await ask(path, owner, headers)
  expect(response.headers.get('content-type')).toBe(type)
  expect(nextOf(response, path)).toMatch(new RegExp(`^${path}\\?after=`))
  const text = await response.text()
  const [first] = text.split('\n')
  expect(JSON.parse(first ?? '')).toMatchObject(
    path.includes('ocsf')
      ? { class_uid: 3004, metadata: { uid: some.id } }
      : type === 'application/json'
        ? { logs: [{ id: some.id }, {}] }
        : { id: some.id },
  )
  if (type !== 'application/json') expect(text.trimEnd().split('\n')).toHaveLength(2)
})

test.each(FEED_ENDINGS)(
  'a feed with the ending "%s" contains names only for viewers who may see them',
  async ending => {
    await gateway.store.append([event({ principalId: uuid(1) })])
    const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: true }
    await gateway.store.updateDirectory({ ...listing, entries: [user()] })
    expect(await (await ask(PATH + ending)).text()).toContain('Ada Lovelace')
    const auditor = await gateway.token(['AuditTrailReadOnly'])
    const text = await (await ask(PATH + ending, auditor)).text()
    expect(text).toContain(uuid(1))
    expect(text).not.toMatch(/Ada/)
  },
)

describe('a request for a feed is refused', () => {
  test('without a token, and in the same way for a hidden Organization and one that does not exist', async () => {
    await gateway.store.append([event(), event({ organizationId: OTHER_ORGANIZATION })])
    expect((await gateway.fetch(PATH)).status).toBe(401)
    const responseFor = async (id: string) => {
      const response = await ask(`/feed/${id}?after=${uuid(3)}`)
      return [response.status, (await response.text()).replaceAll(id, 'ID')]
    }
    const missing = await responseFor(uuid(404))
    expect(missing[0]).toBe(404)
    expect(await responseFor(OTHER_ORGANIZATION)).toEqual(missing)
  })

  test('with an unknown format, in the same way for every Organization ID', async () => {
    await gateway.store.append([event(), event({ organizationId: OTHER_ORGANIZATION })])
    const app = createApp({ store: gateway.store, reportFault: () => {}, base: '/iam' })
    const headers = { 'x-auth-token': owner }
    const feeds = FEED_ENDINGS.map(ending => `/iam/feed/ORGANIZATION${ending}`)
    for (const id of [ORGANIZATION, OTHER_ORGANIZATION, uuid(404), 'nonsense', '']) {
      const response = await app.fetch(
        new Request(`http://127.0.0.1/iam/feed/${id}.csv`, { headers }),
      )
      expect(response.status).toBe(404)
      expect(JSON.parse(await response.text()).errors[0].message).toBe(
        `path not found; feeds are at ${feeds.join(', ')}`,
      )
    }
    expect((await gateway.fetch(`${PATH}.csv`)).status).toBe(401)
    app.close()
  })

  test('above the rate limit, with a Retry-After header', async () => {
    await gateway.store.append([event()])
    const rate = { perSecond: 1, burst: 400 }
    const app = createApp({ store: gateway.store, reportFault: () => {}, rate })
    const headers = { 'x-auth-token': owner }
    const request = () => app.fetch(new Request(`http://127.0.0.1${PATH}`, { headers }))
    expect((await request()).status).toBe(200)
    const refused = await request()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(100)
    app.close()
  })

  test.each([
    ['?limit=0', /limit: "0" is not a valid number of events/],
    ['?limit=-1', /limit: "-1" is not a valid number/],

    ['?limit=1&limit=2', /limit was given several times/],
    ['?after=nonsense', /after: "nonsense" is not a cursor/],
    ['?since=1', /"since" is not a parameter/],
    ['?categories=SAML', /categories: "SAML" is not one of/],
  ])('with the query %s', async (query, message) => {
    await gateway.store.append([event()])
    const response = await ask(PATH + query)
    expect(response.status).toBe(400)
    expect(JSON.parse(await response.text()).errors[0].message).toMatch(message)
  })
})

describe('a page of the feed', () => {
  const many = (count: number) => Array.from({ length: count }, () => event())

  test('has 100 events by default, and 1,000 at most', async () => {
    await gateway.store.append(many(1001))
    const sizes = []
    for (const query of ['', '?limit=1', '?limit=1000', '?limit=000000002']) {
      const { body, poll } = await page(PATH + query)
      sizes.push([body.logs.length, body.has_more, poll])
    }
    expect(sizes).toEqual([
      [100, true, '0'],
      [1, true, '0'],
      [1000, true, '0'],
      [2, true, '0'],
    ])
    for (const limit of ['1.5', '1e2', '0x10', '', ' 1', '1234567890', 'ten']) {
      const response = await ask(`${PATH}?limit=${encodeURIComponent(limit)}`)
      const { errors } = JSON.parse(await response.text())
      expect([response.status, errors[0].extensions.code, errors[0].message]).toEqual([
        400,
        'BAD_USER_INPUT',
        `limit: "${limit}" is not a valid number of events; give one from 1 to 1000`,
      ])
    }
    const { errors } = JSON.parse(await (await ask(`${PATH}?limit=1001`)).text())
    expect([errors[0].extensions.code, errors[0].message]).toEqual([
      'LIMIT_EXCEEDED',
      'limit: 1001 is more than 1000, the largest page; ask for 1000 and follow the Link header',
    ])
  })

  test.each([
    ['?limit=10', 10],
    ['', 100],
  ])(
    'with the query "%s" costs three points of the rate limit for each of %i possible events, and five for the request',
    async (query, events) => {
      await gateway.store.append(many(1))
      const statusesOfTwo = async (burst: number) => {
        const rate = { perSecond: 0.001, burst }
        const app = createApp({ store: gateway.store, reportFault: () => {}, rate })
        const headers = { 'x-auth-token': owner }
        const path = `http://127.0.0.1${PATH}${query}`
        const status = async () => (await app.fetch(new Request(path, { headers }))).status
        const statuses = [await status(), await status()]
        app.close()
        return statuses
      }
      const points = 2 * (3 * events + 5)
      expect(await statusesOfTwo(points)).toEqual([200, 200])
      expect(await statusesOfTwo(points - 1)).toEqual([200, 429])
    },
  )

  test('must not be cached; its cursor and Organization ID may be in upper case', async () => {
    const [first, second] = [event({ id: uuid(0xab, 'eabcdef0') }), event()]
    await gateway.store.append([first, second])
    const response = await ask(`${PATH}?after=${first.id.toUpperCase()}`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(JSON.parse(await response.text()).logs).toMatchObject([{ id: second.id }])
    const upper = await ask(`/feed/${ORGANIZATION.toUpperCase()}.json`)
    expect(JSON.parse(await upper.text()).logs).toHaveLength(2)
  })

  test.each([
    ['application/ndjson', 'application/x-ndjson'],
    ['text/html, application/X-NDJSON;q=0.5', 'application/x-ndjson'],
    ['*/*', 'application/json'],
    ['application/ndjsonx', 'application/json'],
    ['xapplication/ndjson', 'application/json'],
  ])('requested with Accept: %s has the type %s', async (accept, type) => {
    await gateway.store.append([event()])
    expect((await ask(PATH, owner, { accept })).headers.get('content-type')).toBe(type)
  })
})
