// The rows of the list on the Logs page, compared with a server that is read in pages. Whatever events arrive live or
// are missed, and whenever responses arrive, in the end the rows are those of the server, each once and in order.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EventOrder, EventRowFragment } from '../src/web/logs/api/page-documents.ts'
import { createPages } from '../src/web/logs/list/loaded-pages.ts'
import { type Answer, compare } from '../src/web/logs/list/page-list.ts'
import { uuid } from './support/events.ts'
import { LONG } from './support/long.ts'

/** An event: its microseconds, and the number of its ID. */
type Key = readonly [micros: number, id: number]

const PAGE = 8

function row([micros, id]: Key): EventRowFragment {
  return {
    eventId: uuid(id),
    createdAt: `2026-01-01T00:00:00.${String(micros).padStart(6, '0')}Z`,
    ...{ action: 'CREATED', rawAction: 'created', category: 'USER', rawCategory: 'user' },
    ...{ ipAddress: null, userAgent: null },
    principal: { __typename: 'User', principalId: uuid(1), name: 'Ada' },
    resource: { resourceId: uuid(2), category: 'USER', name: null, bearer: null },
  } as EventRowFragment
}

/** A list over a server with these events and pages of `size`. Responses are made at the request, and arrive by `next`. */
function openList(order: EventOrder, initial: readonly Key[], size = PAGE) {
  const events = [...initial]
  const answers: (() => void)[] = []
  const requested: (string | null)[] = []
  const later = ([a, b]: Key, [c, d]: Key) => a - c || b - d
  const inOrder = () =>
    events.toSorted((a, b) => (order === 'CREATED_AT_ASC' ? 1 : -1) * later(a, b))

  function answerTo(after: string | null): Answer {
    const all = inOrder()
    const from = after === null ? 0 : all.findIndex(key => key.join() === after) + 1
    const found = all.slice(from, from + size)
    const endCursor = found.at(-1)?.join() ?? null
    return { events: found.map(row), endCursor, hasNextPage: all.length > from + size }
  }

  const pages = createPages(order, after => {
    requested.push(after)
    const answer = answerTo(after)
    return new Promise(resolve => answers.push(() => resolve(answer)))
  })

  /** Lets the next response arrive; `false` if none is pending. */
  async function next(): Promise<boolean> {
    const answer = answers.shift()
    answer?.()
    await new Promise(setImmediate)
    return answer !== undefined
  }

  return {
    pages,
    requested,
    next,
    record: (key: Key) => events.push(key),
    ids: () => inOrder().map(([, id]) => uuid(id)),
    rows: () => Array.from({ length: pages.count() }, (_, at) => pages.at(at)?.eventId ?? null),
    async settle(): Promise<void> {
      while (await next());
    },
  }
}

const numbers = (count: number): Key[] => Array.from({ length: count }, (_, at) => [at * 10, at])

describe('the order of two rows', () => {
  test('is by microseconds, then by ID, and reversed with the newest first', () => {
    const early = row([100, 9])
    const late = row([300, 1])
    expect(compare(early, late, 'CREATED_AT_ASC')).toBeLessThan(0)
    expect(compare(early, late, 'CREATED_AT_DESC')).toBeGreaterThan(0)
    expect(compare(row([100, 1]), early, 'CREATED_AT_ASC')).toBeLessThan(0)
    expect(compare(row([100, 1]), early, 'CREATED_AT_DESC')).toBeGreaterThan(0)
    expect(Math.abs(compare(early, row([100, 9]), 'CREATED_AT_DESC'))).toBe(0)
  })
})

describe.each(['CREATED_AT_DESC', 'CREATED_AT_ASC'] as const)('the list in order %s', order => {
  const key = fc.tuple(fc.nat(999), fc.nat(999))
  const keys = fc.uniqueArray(key, { maxLength: 40, selector: ([, id]) => id })
  const step = fc.oneof(
    fc.record({ kind: fc.constant('live' as const), count: fc.nat(8) }),
    fc.record({ kind: fc.constant('missed' as const), count: fc.integer({ min: 1, max: 10 }) }),
    fc.record({ kind: fc.constant('want' as const), from: fc.nat(60), rows: fc.nat(20) }),
    fc.record({ kind: fc.constant('answer' as const) }),
  )

  test('finally has the events of the server, whatever arrived in which order', async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        keys,
        fc.array(step, { maxLength: 15 }),
        async (first, news, steps) => {
          const taken = new Set(first.map(([, id]) => id))
          const coming = news.filter(([, id]) => !taken.has(id))
          const list = openList(order, first)
          const { pages } = list
          let last = 1_000
          pages.want(0, 10)
          for (const step of steps) {
            if (step.kind === 'want') pages.want(step.from, step.from + step.rows)
            if (step.kind === 'answer') await list.next()
            if (step.kind === 'live') {
              const some = coming.splice(0, step.count)
              for (const key of some) list.record(key)
              pages.insert(some.map(row))
            }
            if (step.kind === 'missed') {
              // Events recorded while the page was not listening are the newest of all.
              for (let at = 0; at < step.count; at++, last++) list.record([last, last])
              pages.again(() => {})
            }
          }
          await list.settle()
          pages.want(0, 1_000)
          await list.settle()
          const ids = list.ids()
          expect(list.rows()).toEqual(ids)
          expect(pages.ended()).toBe(true)
          const places = ids.map((_, at) => pages.at(at) as EventRowFragment)
          expect(places.map(pages.indexOf)).toEqual(ids.map((_, at) => at))
          expect(places.every(pages.has)).toBe(true)
          expect(pages.has(row([500, 5_000]))).toBe(false)
        },
      ),
      { numRuns: LONG ? 1500 : 100 },
    )
  })

  test('requests each page once, some rows ahead of the visible ones, and no further', async () => {
    const list = openList(order, numbers(1_000), 100)
    const { ready } = list.pages
    expect(ready.value).toBe(false)
    list.pages.want(0, 30)
    await list.settle()
    expect(ready.value).toBe(true)
    expect(list.requested).toHaveLength(3)
    expect(list.pages.count()).toBe(300)
    expect(list.pages.ended()).toBe(false)
    list.pages.want(0, 30)
    list.pages.want(60, 100)
    await list.settle()
    expect(list.requested).toHaveLength(3)
    list.pages.want(101, 101)
    await list.settle()
    expect(list.requested).toHaveLength(4)
    list.pages.want(900, 1_000)
    await list.settle()
    expect(new Set(list.requested).size).toBe(10)
    expect(list.requested).toHaveLength(10)
    expect(list.rows()).toEqual(list.ids())
    expect(list.pages.ended()).toBe(true)
  })

  test('drops rows far from the visible ones, keeps their place, and requests them again by the same cursors', async () => {
    const list = openList(order, numbers(1_000), 20)
    const known = () => list.rows().flatMap((id, at) => (id === null ? [] : [at]))
    list.pages.want(980, 1_000)
    await list.settle()
    expect(list.requested).toHaveLength(50)
    expect(list.pages.count()).toBe(1_000)
    expect(known()).toEqual(Array.from({ length: 600 }, (_, at) => at + 400))
    list.pages.want(100, 110)
    await list.settle()
    expect(list.requested.slice(50)).toEqual(list.requested.slice(2, 16))
    expect(list.rows().slice(40, 320)).toEqual(list.ids().slice(40, 320))
    expect(known().length).toBeLessThanOrEqual(600)
  })

  test('requests missed events again, reports the new ones of the first page, and has them in their place', async () => {
    const list = openList(order, numbers(12))
    list.pages.want(0, 30)
    await list.settle()
    for (const key of [
      [2_000, 101],
      [2_000, 100],
      [3_000, 99],
    ] as const)
      list.record(key)
    const requested = list.requested.length
    const found: string[][] = []
    list.pages.again(events => found.push(events.map(({ eventId }) => eventId)))
    await list.settle()
    expect(list.requested[requested]).toBe(null)
    const first = order === 'CREATED_AT_DESC' ? [uuid(99), uuid(101), uuid(100)] : []
    expect(found).toEqual([first])
    expect(list.rows()).toEqual(list.ids())

    const empty = openList(order, [])
    empty.pages.want(0, 30)
    await empty.settle()
    empty.record([1, 7])
    empty.pages.again(events => found.push(events.map(({ eventId }) => eventId)))
    await empty.settle()
    expect(found.at(-1)).toEqual([uuid(7)])
    expect(empty.rows()).toEqual([uuid(7)])

    // If the events of the first page were dropped, it is not known which are new.
    const long = openList(order, numbers(1_000), 20)
    long.pages.want(980, 1_000)
    await long.settle()
    const before = found.length
    long.pages.again(events => found.push(events.map(({ eventId }) => eventId)))
    long.pages.want(0, 10)
    await long.settle()
    expect(found).toHaveLength(before)
    expect(long.rows()[0]).toBe(long.ids()[0])
  })

  test('gives the reason of a refused request and requests nothing more; a closed list requests and takes nothing', async () => {
    const reason = new Error('no')
    let requested = 0
    const refused = createPages(order, () => {
      requested++
      return Promise.reject(reason)
    })
    refused.want(0, 10)
    await new Promise(setImmediate)
    refused.want(0, 20)
    await new Promise(setImmediate)
    expect([refused.refused.value, refused.ready.value, requested]).toEqual([reason, false, 1])

    const closed = createPages(order, () => Promise.reject(reason))
    closed.want(0, 10)
    closed.close()
    await new Promise(setImmediate)
    expect(closed.refused.value).toBeNull()

    const list = openList(order, numbers(20))
    list.pages.want(0, 10)
    list.pages.close()
    await list.settle()
    list.pages.want(0, 20)
    await list.settle()
    expect([list.requested, list.pages.count(), list.pages.ready.value]).toEqual([[null], 0, false])
  })

  test('takes live events without a request, and splits a page that became far too long', async () => {
    const list = openList(order, numbers(20), 100)
    list.pages.want(0, 30)
    await list.settle()
    expect(list.requested).toHaveLength(1)
    const many = Array.from({ length: 380 }, (_, at): Key => [5, 1_000 + at])
    for (const key of many) list.record(key)
    list.pages.insert([...many, ...many.slice(0, 3)].map(row))
    await list.settle()
    expect(list.requested).toHaveLength(1)
    expect(list.rows()).toEqual(list.ids())
    list.record([5, 5_000])
    list.pages.insert([row([5, 5_000])])
    expect(list.pages.count()).toBe(401)
    await list.settle()
    expect(list.requested.length).toBeGreaterThan(1)
    list.pages.want(0, 401)
    await list.settle()
    expect(list.rows()).toEqual(list.ids())
  })
})
