// The rows of the list on the Logs page, compared with a server that is read in pages. Whatever events arrive live or
// are missed, and whenever responses arrive, in the end the rows are those of the server, each once and in order.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EventOrder, EventRowFragment } from '../src/web/logs/api/page-documents.ts'
import { type Answer, compare, createPages } from '../src/web/logs/list/loaded-pages.ts'
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
    rows: () => pages.rows.value.map(({ eventId }) => eventId),
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
          pages.want(10)
          for (const step of steps) {
            if (step.kind === 'want') pages.want(step.from + step.rows)
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
          pages.want(1_000)
          await list.settle()
          const ids = list.ids()
          expect(list.rows()).toEqual(ids)
          expect(pages.ended.value).toBe(true)
          const places = pages.rows.value
          expect(places.map(place => pages.indexOf(place))).toEqual(ids.map((_, at) => at))
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
    list.pages.want(30)
    await list.settle()
    expect(ready.value).toBe(true)
    expect(list.requested).toHaveLength(3)
    expect(list.pages.rows.value.length).toBe(300)
    expect(list.pages.ended.value).toBe(false)
    list.pages.want(30)
    list.pages.want(100)
    await list.settle()
    expect(list.requested).toHaveLength(3)
    list.pages.want(101)
    await list.settle()
    expect(list.requested).toHaveLength(4)
    list.pages.want(1_000)
    await list.settle()
    expect(new Set(list.requested).size).toBe(10)
    expect(list.requested).toHaveLength(10)
    expect(list.rows()).toEqual(list.ids())
    expect(list.pages.ended.value).toBe(true)
  })

  test('requests missed events again, reports the new ones of the first page, and has them in their place', async () => {
    const list = openList(order, numbers(12))
    list.pages.want(30)
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
    expect(list.requested.length).toBe(requested + 1)
    const newest = [uuid(99), uuid(101), uuid(100)]
    expect(found).toEqual([order === 'CREATED_AT_DESC' ? newest : newest.toReversed()])
    expect(list.rows()).toEqual(list.ids())

    const empty = openList(order, [])
    empty.pages.want(30)
    await empty.settle()
    empty.record([1, 7])
    empty.pages.again(events => found.push(events.map(({ eventId }) => eventId)))
    await empty.settle()
    expect(found.at(-1)).toEqual([uuid(7)])
    expect(empty.rows()).toEqual([uuid(7)])

    // If more events were missed than one page holds, the list begins again, and loads the rest when it is wanted.
    const long = openList(order, numbers(100), 20)
    long.pages.want(0)
    await long.settle()
    for (let at = 0; at < 30; at++) long.record([5_000 + at, 5_000 + at])
    long.pages.again(events => found.push(events.map(({ eventId }) => eventId)))
    await long.settle()
    long.pages.want(130)
    await long.settle()
    expect(long.rows()).toEqual(long.ids())
  })

  test('gives the reason of a refused request and requests nothing more; a closed list requests and takes nothing', async () => {
    const reason = new Error('no')
    let requested = 0
    const refused = createPages(order, () => {
      requested++
      return Promise.reject(reason)
    })
    refused.want(10)
    await new Promise(setImmediate)
    refused.want(20)
    await new Promise(setImmediate)
    expect([refused.refused.value, refused.ready.value, requested]).toEqual([reason, false, 1])

    const closed = createPages(order, () => Promise.reject(reason))
    closed.want(10)
    closed.close()
    await new Promise(setImmediate)
    expect(closed.refused.value).toBeNull()

    const list = openList(order, numbers(20))
    list.pages.want(10)
    list.pages.close()
    await list.settle()
    list.pages.want(20)
    await list.settle()
    expect([list.requested, list.pages.rows.value.length, list.pages.ready.value]).toEqual([
      [null],
      0,
      false,
    ])
  })
})
