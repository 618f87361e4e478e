// The fake Scaleway API that other tests use: it answers as Scaleway is known to answer, and each fault does to the
// connection what its name says. The tests use fetch and, where single bytes matter, a plain socket.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { formatInstant } from '../src/instant.ts'
import { at, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { freePort } from './support/ports.ts'
import {
  apiKey,
  application,
  deniedAuthentication,
  type FakeOrganization,
  type FakeScaleway,
  type Fault,
  group,
  log,
  policy,
  rule,
  SECRET_KEY,
  startFakeScaleway,
  user,
} from './support/scaleway.ts'
import { createLog, type LogQuery } from './support/scaleway-log.ts'

let fake: FakeScaleway
let organization: FakeOrganization

beforeAll(async () => {
  fake = await startFakeScaleway()
})
beforeEach(() => {
  fake.reset()
  organization = fake.organization(ORGANIZATION)
})
afterAll(() => fake.close())

type Query = Readonly<Record<string, string | number>>

function pathOf(list: string, query: Query = {}): string {
  const all = { organization_id: ORGANIZATION, ...query }
  const parameters = Object.entries(all).map(([name, value]): [string, string] => [
    name,
    String(value),
  ])
  return `/iam/v1alpha1/${list}?${new URLSearchParams(parameters)}`
}

function request(list: string, query: Query = {}, init: RequestInit = {}): Promise<Response> {
  const headers = { 'X-Auth-Token': SECRET_KEY }
  return fetch(`${fake.url}${pathOf(list, query)}`, { headers, ...init })
}

// biome-ignore lint/suspicious/noExplicitAny: each list has a body of its own
async function ask(list: string, query: Query = {}): Promise<{ status: number; body: any }> {
  const response = await request(list, query)
  return { status: response.status, body: await response.json() }
}

async function idsOf(query: Query = {}): Promise<string[]> {
  const { body } = await ask('logs', query)
  return body.logs.map((item: { id: string }) => item.id)
}

/** The response as a plain socket receives it, and the error code with which the socket closed. */
async function exchange(
  path: string,
): Promise<{ head: string; body: string; error: string | null }> {
  const socket = connect(Number(new URL(fake.url).port), '127.0.0.1')
  let answer = ''
  let error: string | null = null
  socket.setEncoding('utf8').on('data', chunk => {
    answer += chunk
  })
  socket.on('error', (cause: NodeJS.ErrnoException) => {
    error = cause.code ?? ''
  })
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nX-Auth-Token: ${SECRET_KEY}\r\n`)
  socket.write('Connection: close\r\n\r\n')
  await new Promise(resolve => socket.once('close', resolve))
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  return { head, body, error }
}

function lengthIn(head: string): number {
  return Number(/content-length: (\d+)/i.exec(head)?.[1])
}

/** Adds events one second apart, from midnight on. */
function addSeconds(count: number) {
  const events = Array.from({ length: count }, (_, second) =>
    log({ created_at: formatInstant(at('2026-03-01T00:00:00.000007Z') + second * 1_000_000) }),
  )
  organization.add(...events)
  return events
}

describe('the list of events', () => {
  test('has the fields of Scaleway in its order, and the headers of Scaleway', async () => {
    const event = log({ created_at: '2025-11-17T17:10:30.448542Z' })
    organization.add(event)
    const response = await request('logs')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await response.json()).toEqual({ logs: [event], total_count: 1 })
    expect(Object.keys(event)).toEqual([
      'id',
      'created_at',
      'ip',
      'user_agent',
      'action',
      'bearer_id',
      'organization_id',
      'resource_type',
      'resource_id',
    ])
  })

  test('is sorted by date, oldest first or newest first, whatever the order of insertion', async () => {
    const [first, second, third] = ['01', '02', '03'].map(day =>
      log({ created_at: `2026-01-${day}T00:00:00Z` }),
    )
    if (!first || !second || !third) throw new Error('three were made')
    organization.add(second)
    organization.add(third, first)
    expect(await idsOf()).toEqual([first.id, second.id, third.id])
    expect(await idsOf({ order_by: 'created_at_desc' })).toEqual([third.id, second.id, first.id])
  })

  test('has 20 events per page by default, and an empty page after its end', async () => {
    const ids = addSeconds(45).map(({ id }) => id)
    expect(await idsOf()).toEqual(ids.slice(0, 20))
    expect(await idsOf({ page: 3 })).toEqual(ids.slice(40))
    expect(await idsOf({ page: 2, page_size: 7 })).toEqual(ids.slice(7, 14))
    expect(await idsOf({ page_size: 100 })).toEqual(ids)
    expect(await ask('logs', { page: 10_000, page_size: 100 })).toEqual({
      status: 200,
      body: { logs: [], total_count: 45 },
    })
  })

  test.each([
    [{ page: 0 }, 'page', 'constraint'],
    [{ page: 10_001 }, 'page', 'constraint'],
    [{ page_size: 0 }, 'page_size', 'constraint'],
    [{ page_size: 101 }, 'page_size', 'constraint'],
    [{ page: 'one' }, 'page', 'format'],
    [{ created_after: '2026-01-01' }, 'created_after', 'format'],
    [{ created_before: 'now' }, 'created_before', 'format'],
    [{ order_by: 'id_asc' }, 'order_by', 'format'],
  ] as const)('refuses %j with status 400, naming the argument', async (query, name, reason) => {
    const { status, body } = await ask('logs', query)
    expect(status).toBe(400)
    expect(body).toMatchObject({
      type: 'invalid_arguments',
      details: [{ argument_name: name, reason }],
    })
  })

  test('moves an event to the next page when an older event arrives between two requests', async () => {
    const ids = addSeconds(4).map(({ id }) => id)
    const late = log({ created_at: '2026-02-28T23:59:59Z' })
    fake.faults = [{ kind: 'arrive', events: [late] }]
    expect(await idsOf({ page_size: 2 })).toEqual(ids.slice(0, 2))
    expect(await idsOf({ page_size: 2, page: 2 })).toEqual(ids.slice(1, 3))
    expect((await ask('logs')).body.total_count).toBe(5)
  })

  test.each([
    [true, false, [1, 2]],
    [false, false, [2]],
    [true, true, [1, 2, 3]],
    [false, true, [2, 3]],
  ])(
    'compares dates to the microsecond: created_after inclusive %s, created_before inclusive %s',
    async (after, before, expected) => {
      const ids = addSeconds(5).map(({ id }) => id)
      fake.settings.afterIncluded = after
      fake.settings.beforeIncluded = before
      const bounds = {
        created_after: '2026-03-01T00:00:01.000007Z',
        created_before: '2026-03-01T01:00:03.000007+01:00',
      }
      expect(await idsOf(bounds)).toEqual(expected.map(number => ids[number]))
    },
  )

  test('is filtered by an action, a resource type, or the exact ID of a bearer or resource', async () => {
    const key = log({
      action: 'deleted',
      resource_type: 'api_key',
      resource_id: 'SCWAAAAAAAAAAAAAAAAA',
    })
    const bearer = log({ bearer_id: uuid(9) })
    const resource = log({ resource_id: uuid(9), resource_type: 'user' })
    organization.add(key, bearer, resource)
    expect(await idsOf({ action: 'deleted' })).toEqual([key.id])
    expect(await idsOf({ resource_type: 'user' })).toEqual([resource.id])
    expect(await idsOf({ search: uuid(9) })).toEqual([bearer.id, resource.id])
    expect(await idsOf({ search: 'SCWAAAAAAAAAAAAAAAAA' })).toEqual([key.id])
    expect(await idsOf({ search: uuid(9).slice(0, 20) })).toEqual([])
    const none = { action: 'unknown_action', resource_type: 'unknown_resource_type', search: '' }
    expect(await idsOf(none)).toHaveLength(3)
    expect((await ask('logs', { action: 'deleted' })).body.total_count).toBe(1)
  })

  test('keeps unknown actions, types and fields, and omits an event without a date only under a date filter', async () => {
    const strange = log({ action: 'archived', resource_type: 'saml', created_at: null, more: [1] })
    organization.add(strange, log())
    const { body } = await ask('logs')
    expect(body.logs[1]).toEqual(strange)
    expect(await idsOf({ created_after: '2000-01-01T00:00:00Z' })).toHaveLength(1)
    expect(await idsOf({ created_before: '2200-01-01T00:00:00Z' })).toHaveLength(1)
  })

  test('no longer contains events that are older than the retention', async () => {
    const ids = addSeconds(3).map(({ id }) => id)
    organization.drop('2026-03-01T00:00:01.000007Z')
    expect(await idsOf()).toEqual(ids.slice(1))
    expect(organization.size).toBe(2)
  })

  test('finds one event by its ID, and answers 404 to an unknown ID', async () => {
    const [, event] = addSeconds(3)
    expect(await ask(`logs/${event?.id}`)).toEqual({ status: 200, body: event })
    expect(await ask(`logs/${uuid(404)}`)).toEqual({
      status: 404,
      body: {
        message: 'resource is not found',
        resource: 'log',
        resource_id: uuid(404),
        type: 'not_found',
      },
    })
  })

  test('changes the order of events with equal dates between requests only if ties are set to "shuffled"', async () => {
    organization.add(
      ...Array.from({ length: 50 }, () => log({ created_at: '2026-01-01T00:00:00Z' })),
    )
    const all = { page_size: 100 }
    const arrival = await idsOf(all)
    expect(await idsOf(all)).toEqual(arrival)
    fake.settings.ties = 'shuffled'
    const [one, other] = [await idsOf(all), await idsOf(all)]
    expect(one).not.toEqual(other)
    expect(one.toSorted()).toEqual(arrival.toSorted())
  })
})

test('the pages of any list of events add up to the matching events, sorted by date, then by arrival', () => {
  const events = fc.array(
    fc.record({
      created_at: fc.oneof(
        fc.constant(null),
        fc.nat(6).map(micros => formatInstant(at('2026-01-01T00:00:00Z') + micros)),
      ),
      action: fc.constantFrom('created', 'deleted'),
    }),
    { maxLength: 40 },
  )
  const bound = fc.option(fc.nat(7).map(micros => at('2026-01-01T00:00:00Z') + micros))
  fc.assert(
    fc.property(
      fc.array(events, { maxLength: 4 }),
      fc.record({
        from: bound,
        until: bound,
        action: fc.option(fc.constant('deleted')),
        newestFirst: fc.boolean(),
      }),
      fc.integer({ min: 1, max: 9 }),
      fc.option(fc.infiniteStream(fc.nat(1_000_000))),
      (batches, filter, limit, draws) => {
        const kept = createLog()
        const added = batches.flat().map((fields, number) => log({ ...fields, id: uuid(number) }))
        let start = 0
        for (const batch of batches) {
          kept.add(added.slice(start, start + batch.length))
          start += batch.length
        }
        const { from, until, action, newestFirst } = filter
        const dateOf = (event: (typeof added)[number]) =>
          event.created_at === null ? Infinity : at(event.created_at)
        const expected = added
          .filter(event => action === null || event.action === action)
          .filter(event => from === null || dateOf(event) >= from)
          .filter(event => until === null || dateOf(event) < until)
          .filter(event => (from === null && until === null) || event.created_at !== null)
          .sort((a, b) =>
            a.created_at === b.created_at
              ? 0
              : (newestFirst ? -1 : 1) * (dateOf(a) < dateOf(b) ? -1 : 1),
          )
        const query: LogQuery = { ...filter, resourceType: null, search: null, offset: 0, limit }
        const shuffle = draws === null ? null : (below: number) => draws.next().value % below
        const walked: unknown[] = []
        for (let offset = 0; offset < expected.length + limit; offset += limit) {
          const { items, total } = kept.page({ ...query, offset }, shuffle)
          expect(items.length).toBeLessThanOrEqual(limit)
          expect(total).toBe(expected.length)
          walked.push(...items)
        }
        const comparable = (items: readonly unknown[]) =>
          shuffle === null ? items : items.map(item => (item as (typeof added)[number]).created_at)
        expect(comparable(walked)).toEqual(comparable(expected))
      },
    ),
    { numRuns: 300 },
  )
})

describe('a request', () => {
  test.each([
    ['no secret key', {}, 'invalid_argument'],
    ['a wrong secret key', { 'X-Auth-Token': uuid(1) }, 'not_found'],
  ] as const)('with %s is answered with 401', async (_, headers, reason) => {
    const response = await request('logs', {}, { headers })
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual(deniedAuthentication(reason))
    expect(deniedAuthentication(reason).type).toBe('denied_authentication')
  })

  test.each(['', uuid(77)])(
    'for an Organization that does not exist is answered with 403: %j',
    async id => {
      expect(await ask('users', { organization_id: id })).toEqual({
        status: 403,
        body: {
          details: [{ action: 'read', resource: 'user' }],
          message: 'insufficient permissions',
          type: 'permissions_denied',
        },
      })
    },
  )

  test.each([
    ['logs', 'log'],
    ['users', 'user'],
    ['applications', 'application'],
    ['groups', 'group'],
    ['policies', 'policy'],
    ['rules', 'rule'],
    ['api-keys', 'api_key'],
  ] as const)(
    'for %s is answered with 403 while only that list is forbidden, and with 200 afterwards',
    async (list, resource) => {
      const held = policy()
      organization.policies.push(held)
      const query = { policy_id: held.id }
      organization.forbid(list)
      const { status, body } = await ask(list, query)
      expect(status).toBe(403)
      expect(body.details).toEqual([{ action: 'read', resource }])
      expect((await ask(list === 'logs' ? 'users' : 'logs')).status).toBe(200)
      organization.forbid(list, false)
      expect((await ask(list, query)).status).toBe(200)
    },
  )

  test('for an unknown path is answered with 404, and one to delete with 405', async () => {
    expect((await ask('ssh-keys')).body).toMatchObject({ type: 'not_found' })
    expect((await ask('users/x')).status).toBe(404)
    expect((await fetch(`${fake.url}/`, { headers: { 'X-Auth-Token': SECRET_KEY } })).status).toBe(
      404,
    )
    const headers = { 'X-Auth-Token': SECRET_KEY }
    expect((await request('users', {}, { method: 'DELETE', headers })).status).toBe(405)
  })

  test('is recorded in order with its method, path and query', async () => {
    await ask('users', { page: 2 })
    await ask('logs')
    expect(fake.requests.map(({ method, list }) => `${method} ${list}`)).toEqual([
      'GET users',
      'GET logs',
    ])
    expect(fake.requests[0]?.path).toBe('/iam/v1alpha1/users')
    expect(fake.requests[0]?.query.get('page')).toBe('2')
    expect(fake.mostInFlight).toBe(1)
  })

  test('is counted together with other requests in flight while answers are held back', async () => {
    const { promise: allArrived, resolve } = Promise.withResolvers<void>()
    fake.faults = () => {
      if (fake.requests.length === 3) resolve()
      return { kind: 'held', until: allArrived }
    }
    await Promise.all([ask('users'), ask('groups'), ask('logs')])
    expect(fake.mostInFlight).toBe(3)
  })

  test('is counted together with other requests in flight when no answer is held back, too', async () => {
    await Promise.all(Array.from({ length: 8 }, () => ask('logs')))
    expect(fake.mostInFlight).toBeGreaterThan(1)
  })
})

describe('the directory', () => {
  test('lists each kind under its own key, in the order of creation', async () => {
    const lists = {
      users: [user({ created_at: '2026-01-02T00:00:00Z' }), user()],
      applications: [application()],
      groups: [group({ user_ids: [uuid(1)] })],
      policies: [policy({ group_id: uuid(2) })],
    }
    Object.assign(organization, lists)
    organization.apiKeys.push(apiKey({ user_id: uuid(3) }), apiKey())
    expect((await ask('users')).body).toEqual({ users: lists.users.toReversed(), total_count: 2 })
    expect((await ask('users', { order_by: 'created_at_desc' })).body.users).toEqual(lists.users)
    const { applications, groups, policies } = lists
    expect((await ask('applications')).body).toEqual({ applications, total_count: 1 })
    expect((await ask('groups')).body).toEqual({ groups, total_count: 1 })
    expect((await ask('policies')).body).toEqual({ policies, total_count: 1 })
    const keys = (await ask('api-keys')).body
    expect(keys).toEqual({ api_keys: organization.apiKeys, total_count: 2 })
    expect(keys.api_keys[0]).toMatchObject({ user_id: uuid(3), creation_ip: '192.0.2.1' })
    expect(keys.api_keys[0].access_key).toMatch(/^SCW[A-Z0-9]{17}$/)
    expect(keys.api_keys[0]).not.toHaveProperty('secret_key')
    expect(keys.api_keys[0]).not.toHaveProperty('organization_id')
  })

  test('lists the rules of a policy, and reports a policy that does not exist', async () => {
    const [held, bare] = [policy(), policy()]
    const rules = [rule(), rule({ project_ids: [uuid(5)] })]
    organization.policies.push(held, bare)
    organization.rules.set(held.id, rules)
    const query = { policy_id: held.id }
    expect((await ask('rules', query)).body).toEqual({ rules, total_count: 2 })
    expect((await ask('rules', { ...query, page_size: 1, page: 2 })).body.rules).toEqual([rules[1]])
    expect((await ask('rules', { policy_id: bare.id })).body).toEqual({ rules: [], total_count: 0 })
    expect((await ask('rules', { policy_id: uuid(6) })).body).toMatchObject({ resource: 'policy' })
    expect((await ask('rules')).body.details[0].reason).toBe('required')
  })

  test('is separate for each Organization', async () => {
    fake.organization(OTHER_ORGANIZATION).users.push(user())
    expect((await ask('users')).body.total_count).toBe(0)
    expect((await ask('users', { organization_id: OTHER_ORGANIZATION })).body.total_count).toBe(1)
  })
})

describe('a fault', () => {
  test('is taken from the queue for each request, until the queue is empty', async () => {
    fake.faults = [{ kind: 'status', status: 503 }, null, { kind: 'status', status: 500 }]
    const statuses: number[] = []
    for (let tries = 0; tries < 4; tries++) statuses.push((await request('logs')).status)
    expect(statuses).toEqual([503, 200, 500, 200])
  })

  test.each<[Fault, number, string | null, string | RegExp]>([
    [{ kind: 'status', status: 429 }, 429, null, ''],
    [{ kind: 'status', status: 500, body: 'json' }, 500, 'application/json', /"type":"internal"/],
    [{ kind: 'status', status: 502, body: 'html' }, 502, 'text/html', /^<!DOCTYPE html>/],
    [{ kind: 'status', status: 200, body: {} }, 200, 'application/json', '{}'],
    [{ kind: 'html' }, 200, 'text/html', /^<!DOCTYPE html>/],
  ])('can be another response: %j', async (fault, status, type, body) => {
    fake.faults = [fault]
    const response = await request('logs')
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe(type)
    const text = await response.text()
    if (typeof body === 'string') expect(text).toBe(body)
    else expect(text).toMatch(body)
  })

  test('can ask the client to retry later: in seconds, as a date, or in the body as Scaleway does', async () => {
    fake.faults = [
      { kind: 'retry-after', after: 7 },
      { kind: 'retry-after', after: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)) },
      { kind: 'too-many-requests', resetSeconds: 9, quota: 5, windowSeconds: 10 },
    ]
    const answers = [await request('logs'), await request('logs'), await request('logs')]
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 429])
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual([
      '7',
      'Fri, 02 Jan 2026 03:04:05 GMT',
      null,
    ])
    expect(await answers[2]?.json()).toMatchObject({
      type: 'too_many_requests',
      reset_seconds: 9,
      limit: { quota: 5, window_seconds: 10 },
    })
  })

  test('can redirect to another origin', async () => {
    fake.faults = [{ kind: 'redirect', to: 'http://127.0.0.1:9/elsewhere' }]
    const { head, body } = await exchange(pathOf('logs'))
    expect(head).toMatch(/^HTTP\/1\.1 302 Found\r\n/)
    expect(head).toContain('\r\nLocation: http://127.0.0.1:9/elsewhere')
    expect(body).toBe('')
  })

  test('can reset the connection before the response begins', async () => {
    fake.faults = [{ kind: 'reset' }]
    expect(await exchange(pathOf('logs'))).toEqual({ head: '', body: '', error: 'ECONNRESET' })
    fake.faults = [{ kind: 'reset' }]
    await expect(request('logs')).rejects.toThrow('fetch failed')
  })

  test('can reset the connection in the middle of the body', async () => {
    addSeconds(50)
    fake.faults = [{ kind: 'reset-midway' }]
    const { head, body, error } = await exchange(pathOf('logs', { page_size: 100 }))
    expect(error).toBe('ECONNRESET')
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(body.length).toBe(Math.floor(lengthIn(head) / 2))
    fake.faults = [{ kind: 'reset-midway' }]
    await expect(ask('logs')).rejects.toThrow()
  })

  test('can send half of the JSON, with the Content-Length of that half', async () => {
    addSeconds(3)
    const completeBody = await (await request('logs')).text()
    fake.faults = [{ kind: 'truncated' }]
    const { head, body, error } = await exchange(pathOf('logs'))
    expect(error).toBeNull()
    expect(head).toContain('Content-Type: application/json\r\n')
    expect(body).toBe(completeBody.slice(0, completeBody.length / 2))
    expect(lengthIn(head)).toBe(body.length)
  })

  test('can leave a request without a response until the client aborts it', async () => {
    const abort = new AbortController()
    const { promise: arrived, resolve } = Promise.withResolvers<void>()
    fake.faults = () => {
      resolve()
      return { kind: 'silent' }
    }
    const answer = request('logs', {}, { signal: abort.signal })
    await arrived
    abort.abort(new Error('waited enough'))
    await expect(answer).rejects.toThrow('waited enough')
    fake.faults = []
    expect((await ask('logs')).status).toBe(200)
  })

  test('can delay a response', async () => {
    fake.faults = [{ kind: 'slow', milliseconds: 30 }]
    const order: unknown[] = []
    setTimeout(() => order.push('delay is over'), 29)
    order.push((await ask('logs')).status)
    expect(order).toEqual(['delay is over', 200])
  })

  test('can change the content type of an unchanged body', async () => {
    addSeconds(2)
    const completeBody = await (await request('logs')).text()
    fake.faults = [{ kind: 'content-type', type: 'application/json; charset=utf-8' }]
    const response = await request('logs')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await response.text()).toBe(completeBody)
  })

  test('can be a wrong page: the page before, no events, a wrong total, or a duplicate', async () => {
    const ids = addSeconds(5).map(({ id }) => id)
    const second = async (fault: Fault, query: Query = { page: 2, page_size: 2 }) => {
      fake.faults = [fault]
      const { body } = await ask('logs', query)
      return [body.logs.map((item: { id: string }) => ids.indexOf(item.id)), body.total_count]
    }
    expect(await second({ kind: 'page-before' })).toEqual([[0, 1], 5])
    expect(await second({ kind: 'page-before' }, { page_size: 2 })).toEqual([[0, 1], 5])
    expect(await second({ kind: 'empty-page' })).toEqual([[], 5])
    expect(await second({ kind: 'empty-list' })).toEqual([[], 0])
    expect(await second({ kind: 'wrong-total', by: 3 })).toEqual([[2, 3], 8])
    expect(await second({ kind: 'wrong-total', by: -1 })).toEqual([[2, 3], 4])
    expect(await second({ kind: 'duplicate' })).toEqual([[2, 2], 5])
    expect(await second({ kind: 'duplicate' }, { page: 2, page_size: 3 })).toEqual([[3, 3, 4], 5])
  })

  test('can be a wrong total on every response, through a setting', async () => {
    addSeconds(2)
    fake.settings.total = (truth, list) => (list === 'logs' ? `${truth} or so` : truth)
    expect((await ask('logs')).body.total_count).toBe('2 or so')
    expect((await ask('users')).body.total_count).toBe(0)
  })
})

test('a reset removes all data, requests and settings, aborts waiting requests, and the server continues', async () => {
  addSeconds(2)
  organization.forbid('users')
  fake.settings.ties = 'shuffled'
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  fake.faults = () => {
    resolve()
    return { kind: 'silent' }
  }
  const waiting = request('logs')
  const aborted = expect(waiting).rejects.toThrow('fetch failed')
  await arrived
  fake.reset()
  await aborted
  expect(fake.requests).toEqual([])
  expect(fake.mostInFlight).toBe(0)
  expect((await ask('logs')).status).toBe(403)
  fake.organization(ORGANIZATION)
  expect((await ask('logs')).body).toEqual({ logs: [], total_count: 0 })
  expect((await ask('users')).status).toBe(200)
  expect(fake.settings.ties).toBe('arrival')
})

test('the fake server starts with a given port and secret key, and its port is free after it is closed', async () => {
  const port = await freePort()
  const first = await startFakeScaleway({ port })
  await first.close()
  await using second = {
    server: await startFakeScaleway({ port, secretKey: uuid(8) }),
    [Symbol.asyncDispose]: () => second.server.close(),
  }
  expect(second.server.url).toBe(first.url)
  second.server.organization(ORGANIZATION)
  const headers = { 'X-Auth-Token': uuid(8) }
  expect((await fetch(`${first.url}${pathOf('logs')}`, { headers })).status).toBe(200)
})

test('the fake server as a separate process serves the same events for the same seed, and ends on SIGTERM', async () => {
  const firstPages = await Promise.all([1, 1, 2].map(seed => firstPageOfProcess(seed)))
  expect(firstPages[0]).toEqual(firstPages[1])
  expect(firstPages[0]).not.toEqual(firstPages[2])
})

async function firstPageOfProcess(seed: number): Promise<unknown> {
  const script = new URL('../bench/fake-scaleway.ts', import.meta.url).pathname
  const args = [script, '--events', '1000', '--seed', String(seed)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
    const headers = { 'X-Auth-Token': SECRET_KEY }
    const response = await fetch(`${line.trim()}${pathOf('logs')}`, { headers })
    const page = (await response.json()) as { total_count: number }
    expect(page.total_count).toBe(1000)
    return page
  } finally {
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  }
}
