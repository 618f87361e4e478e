// A window of Scaleway's log: which dates are requested, which period counts as read, and what its items are; and
// reading a complete list in pages while it changes.

import { describe, expect, test } from 'vitest'
import { BEGINNING } from '../src/coverage.ts'
import { identityOf, type Reading, readCompleteList } from '../src/scaleway/complete-list.ts'
import {
  bounds,
  countIn,
  dateOf,
  nameOf,
  nextMillisecond,
  OVERLAP,
  quietEnd,
  readItems,
  readRanges,
} from '../src/scaleway/log-window.ts'
import { ScalewayUnavailable } from '../src/scaleway/retry.ts'
import { at, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'

const NOON = at('2026-03-02T12:00:00Z')
const MINUTE = 60_000_000

test('the requested bounds are a millisecond wider on either side, and without a start or end if the window has none', () => {
  expect(bounds(NOON, NOON + 5)).toEqual({ from: NOON - 1000, until: NOON + 1005 })
  expect(bounds(BEGINNING, null)).toEqual({ from: null, until: null })
  expect(bounds(NOON, NOON + 5, 0)).toEqual({ from: NOON, until: NOON + 5 })
})

test('the next millisecond is after an instant, even if that is a whole millisecond', () => {
  expect(nextMillisecond(NOON)).toBe(NOON + 1000)
  expect(nextMillisecond(NOON + 1)).toBe(NOON + 1000)
  expect(nextMillisecond(NOON + 999)).toBe(NOON + 1000)
  expect(nextMillisecond(-1)).toBe(0)
})

test('a window ends at the last millisecond without an event', () => {
  expect(quietEnd(NOON, NOON + 3000, [])).toBe(NOON + 3000)
  expect(quietEnd(NOON, NOON + 3000, [NOON + 3000, null, NOON + 1])).toBe(NOON + 2000)
  expect(quietEnd(NOON, NOON + 3000, [NOON + 3000, NOON + 2000])).toBe(NOON + 1000)
  // It does not end at its start: an empty window would be read for ever.
  expect(quietEnd(NOON, NOON + 2000, [NOON + 2000, NOON + 1000])).toBe(NOON + 2000)
})

describe('the period that counts as read', () => {
  test('is the whole window if the window has an end', () => {
    expect(readRanges(NOON, NOON + 5, NOON + 9 * MINUTE, [NOON])).toEqual([
      { from: NOON, until: NOON + 5 },
    ])
  })

  test('ends when reading began, and is split where the next run will begin to read again', () => {
    const began = NOON + 60 * MINUTE + 999
    const [end, split] = [NOON + 60 * MINUTE, NOON + 45 * MINUTE]
    expect(readRanges(NOON, null, began, [])).toEqual([
      { from: NOON, until: split },
      { from: split, until: end },
    ])
    expect(readRanges(BEGINNING, null, began, [split])).toEqual([
      { from: BEGINNING, until: split - 1000 },
      { from: split - 1000, until: end },
    ])
  })

  test('is not split within the newest 15 minutes, and never in the future', () => {
    expect(OVERLAP).toBe(15 * MINUTE)
    const unsplit = (until: number) => [{ from: NOON, until }]
    expect(readRanges(NOON, null, NOON + 10 * MINUTE, [])).toEqual(unsplit(NOON + 10 * MINUTE))
    expect(readRanges(NOON, null, NOON + 15 * MINUTE, [])).toEqual(unsplit(NOON + 15 * MINUTE))
    expect(readRanges(NOON, null, NOON + 15 * MINUTE + 1000, [])).toHaveLength(2)
    expect(readRanges(NOON, null, NOON + 999, [])).toEqual([])
    expect(readRanges(NOON, null, NOON - MINUTE, [])).toEqual([])
    expect(readRanges(NOON, null, NOON + 1000, [])).toEqual(unsplit(NOON + 1000))
  })

  test('includes an event at its start, and excludes one at its end', () => {
    const dates = [NOON - 1, NOON, null, NOON + 4, NOON + 5]
    expect(countIn({ from: NOON, until: NOON + 5 }, dates)).toBe(2)
  })
})

describe('items', () => {
  const item = {
    id: uuid(1),
    organization_id: ORGANIZATION,
    created_at: '2026-03-02T12:00:00Z',
    action: 'created',
    resource_type: 'user',
    resource_id: uuid(2),
  }

  test('are events of the Organization; all others are left out and reported in one line', () => {
    const notes: string[] = []
    const foreign = { ...item, id: uuid(3), organization_id: OTHER_ORGANIZATION }
    const broken = { ...item, id: 'x', created_at: '2026-03-02T12:00:01Z' }
    const items = [item, foreign, broken, { ...item, created_at: 7 }, null]
    const { events, dates } = readItems(items, ORGANIZATION, line => notes.push(line))
    expect(events.map(({ id }) => id)).toEqual([uuid(1)])
    expect(dates).toEqual([NOON, NOON, NOON + 1_000_000, null, null])
    expect(notes).toEqual([
      `event ${uuid(3)} is left out: it belongs to another Organization`,
      'event "x" is left out: id is not a UUID: "x"',
      `event "${uuid(1)}" is left out: created_at is not an RFC 3339 date with an offset: "7"`,
      'event "null" is left out: event is not a JSON object',
    ])
  })

  test('are identified by their ID, or by their whole content if they have none', () => {
    expect([
      identityOf(item),
      identityOf({ id: 7 }),
      identityOf({}),
      identityOf(null),
      identityOf('x'),
    ]).toEqual([uuid(1), '{"id":7}', '{}', 'null', '"x"'])
  })

  test('have a date only if it can be parsed', () => {
    const dates = [item, { created_at: 'x' }, { created_at: 7 }, {}, null, 'x', [item]].map(dateOf)
    expect(dates).toEqual([NOON, null, null, null, null, null, null])
  })
})

test('a window is named by its dates', () => {
  expect(nameOf(NOON, NOON + 1000)).toBe(
    'the log from 2026-03-02T12:00:00.000Z to 2026-03-02T12:00:00.001Z',
  )
  expect(nameOf(BEGINNING, null)).toBe('the log from the beginning to its end')
})

describe('a list in pages', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => at)

  /** Reads pages of three items of a list that may differ at each request. `requested`: the numbers of the pages. */
  async function reading(
    lists: (request: number) => readonly number[],
    options: Partial<Reading> = {},
    answer = (page: { items: readonly number[]; total: number }, _request: number) => page,
  ) {
    const requested: number[] = []
    const result = await readCompleteList(
      async page => {
        requested.push(page)
        const list = lists(requested.length)
        const items = list.slice((page - 1) * 3, page * 3)
        return answer({ items, total: list.length }, requested.length)
      },
      { what: 'the list', pageSize: 3, ...options },
    )
    return { requested, ...result }
  }

  test('that does not change is read once, page by page', async () => {
    expect(await reading(() => numbers(7))).toEqual({
      requested: [1, 2, 3],
      items: numbers(7),
      settled: true,
    })
    // If the last page is full, no page after it is requested.
    expect((await reading(() => numbers(6))).requested).toEqual([1, 2])
    expect((await reading(() => numbers(3))).requested).toEqual([1])
  })

  test('is read twice if it is empty and, on request, if it has several pages', async () => {
    expect(await reading(() => [])).toEqual({ requested: [1, 1], items: [], settled: true })
    const twice = { twice: true }
    expect((await reading(() => numbers(3), twice)).requested).toEqual([1])
    expect((await reading(() => numbers(4), twice)).requested).toEqual([1, 2, 1, 2])
  })

  test('with more items than allowed is given up after its first page', async () => {
    expect(await reading(() => numbers(7), { most: 6 })).toEqual({ requested: [1] })
    expect((await reading(() => numbers(6), { most: 6 })).settled).toBe(true)
  })

  test('with a page that contradicts the total has that page requested again, at most three times', async () => {
    const once = await reading(
      () => numbers(5),
      {},
      (page, request) => (request === 1 ? { ...page, items: [] } : page),
    )
    expect(once).toEqual({ requested: [1, 1, 2], items: numbers(5), settled: true })
    const always = await reading(
      () => numbers(5),
      {},
      page => ({ ...page, total: page.total + 1 }),
    )
    // Each of four passes requests its last page three times, and the list remains unsettled.
    expect(always.requested).toEqual(Array.from({ length: 4 }, () => [1, 2, 2, 2]).flat())
    expect([always.items, always.settled]).toEqual([numbers(5), false])
  })

  test.each<[string, Partial<Reading>, (request: number) => number, number, string]>([
    [
      'has too many items according to its total',
      {},
      () => Number.MAX_SAFE_INTEGER,
      1,
      'has 9,007,199,254,740,991 items according to Scaleway, more than the limit of 200,000',
    ],
    ['grows without end', { pageSize: 3 }, request => request * 3 + 1, 66_667, 'has 200,002 items'],
    [
      'has too many bytes',
      { received: byTheMebibyte() },
      () => 99_999,
      129,
      'is longer than 128 MiB',
    ],
    ['takes too long', { deadline: 0 }, () => 9, 1, 'was not read to its end within an hour'],
  ])('that %s is given up with a message', async (_, options, total, requests, words) => {
    let sent = 0
    const read = readCompleteList(async () => ({ items: [1, 2, 3], total: total(++sent) }), {
      what: 'the list',
      pageSize: 3,
      ...options,
    })
    await expect(read).rejects.toThrow(`the list cannot be read: it ${words}`)
    await expect(read).rejects.toBeInstanceOf(ScalewayUnavailable)
    expect(sent).toBe(requests)
  })

  function byTheMebibyte(): () => number {
    let bytes = 0
    return () => {
      bytes += 2 ** 20
      return bytes
    }
  }

  test('that grew after the pages already read is read up to its new end', async () => {
    const grown = await reading(request => numbers(request === 1 ? 4 : 5))
    expect(grown).toEqual({ requested: [1, 2], items: numbers(5), settled: true })
  })

  test('that shifted while it was read is read again', async () => {
    // An item of the first page is removed, so that an item of the second moves to the first, unseen.
    const shifting = await reading(request => (request === 1 ? numbers(5) : numbers(5).slice(1)))
    expect(shifting.requested).toEqual([1, 2, 1, 2])
    expect([shifting.items?.toSorted(), shifting.settled]).toEqual([numbers(5), true])
    // An item is added before all others, so that an item of the first page is seen again on the second.
    const coming = await reading(request => (request === 1 ? numbers(5) : [9, ...numbers(5)]))
    expect([coming.requested, coming.settled]).toEqual([[1, 2, 1, 2], true])
    expect(coming.items?.toSorted()).toEqual([...numbers(5), 9])
  })

  test('whose items move between pages is complete once two passes together have seen all of them', async () => {
    const [one, other] = [numbers(5), [0, 1, 3, 2, 4]]
    // In each pass, one item is on both pages and another on neither: always 2, or 2 and 3 in turn.
    const always = await reading(request => (request % 2 === 1 ? other : one))
    expect([always.requested.length, always.settled]).toEqual([8, false])
    const inTurn = await reading(request => (request === 1 || request === 4 ? other : one))
    expect([inTurn.requested, inTurn.settled]).toEqual([[1, 2, 1, 2], true])
    expect(inTurn.items?.toSorted()).toEqual(numbers(5))
  })

  test('that became shorter is not taken for complete because of removed items', async () => {
    // 8 is removed after the first page, and 1 is never seen: the number of seen items is right, but not the items.
    const { items, requested, settled } = await reading(request => {
      if (request === 1) return [8, 9, 0, 1, 2]
      if (request === 2) return [9, 0, 1, 2]
      return request % 2 === 1 ? [9, 0, 2, 1] : [0, 2, 1, 9]
    })
    expect([items, requested.length, settled]).toEqual([[8, 9, 0, 2], 8, false])
  })

  test('that is shorter in the next pass is complete with what that pass finds', async () => {
    // The first pass skips an item and sees another twice; then the skipped item is removed, and nothing else changes.
    const shorter = await reading(request =>
      request === 1 ? numbers(5) : request === 2 ? [0, 1, 3, 2, 4] : [0, 1, 2, 4],
    )
    expect([shorter.requested, shorter.settled]).toEqual([[1, 2, 1, 2], true])
  })

  test('with more or fewer items than its total is never taken for complete', async () => {
    const more = await reading(
      () => numbers(3),
      {},
      page => ({ ...page, total: 2 }),
    )
    expect(more).toEqual({ requested: new Array(12).fill(1), items: numbers(3), settled: false })
    const less = await reading(
      () => numbers(5),
      {},
      page => ({ ...page, total: 9 }),
    )
    expect(less.requested).toEqual(Array.from({ length: 4 }, () => [1, 2, 2, 2]).flat())
    expect(less.settled).toBe(false)
  })
})
