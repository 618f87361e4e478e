// One stretch of Scaleway's log: what is asked for, what counts as read of it, and what its items are.

import { describe, expect, test } from 'vitest'
import { BEGINNING } from '../src/coverage.ts'
import { type Reading, readCompleteList } from '../src/scaleway/complete-list.ts'
import {
  bounds,
  countIn,
  dateOf,
  keyOf,
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

test('asks for a millisecond more on either side, and for no start or end where there is none', () => {
  expect(bounds(NOON, NOON + 5)).toEqual({ from: NOON - 1000, until: NOON + 1005 })
  expect(bounds(BEGINNING, null)).toEqual({ from: null, until: null })
  expect(bounds(NOON, NOON + 5, 0)).toEqual({ from: NOON, until: NOON + 5 })
})

test('the next millisecond is behind an instant, also behind a whole one', () => {
  expect(nextMillisecond(NOON)).toBe(NOON + 1000)
  expect(nextMillisecond(NOON + 1)).toBe(NOON + 1000)
  expect(nextMillisecond(NOON + 999)).toBe(NOON + 1000)
  expect(nextMillisecond(-1)).toBe(0)
})

test('a stretch ends at the last millisecond at which nothing happened', () => {
  expect(quietEnd(NOON, NOON + 3000, [])).toBe(NOON + 3000)
  expect(quietEnd(NOON, NOON + 3000, [NOON + 3000, null, NOON + 1])).toBe(NOON + 2000)
  expect(quietEnd(NOON, NOON + 3000, [NOON + 3000, NOON + 2000])).toBe(NOON + 1000)
  // Its start is no end: a stretch of nothing would be read for ever.
  expect(quietEnd(NOON, NOON + 2000, [NOON + 2000, NOON + 1000])).toBe(NOON + 2000)
})

describe('what counts as read', () => {
  test('is all of it, where it has an end', () => {
    expect(readRanges(NOON, NOON + 5, NOON + 9 * MINUTE, [NOON])).toEqual([
      { from: NOON, until: NOON + 5 },
    ])
  })

  test('ends when reading began, and apart is what the next run reads again', () => {
    const began = NOON + 60 * MINUTE + 999
    const [end, cut] = [NOON + 60 * MINUTE, NOON + 45 * MINUTE]
    expect(readRanges(NOON, null, began, [])).toEqual([
      { from: NOON, until: cut },
      { from: cut, until: end },
    ])
    expect(readRanges(BEGINNING, null, began, [cut])).toEqual([
      { from: BEGINNING, until: cut - 1000 },
      { from: cut - 1000, until: end },
    ])
  })

  test('is one stretch within the newest quarter of an hour, and nothing that is yet to come', () => {
    expect(OVERLAP).toBe(15 * MINUTE)
    const whole = (until: number) => [{ from: NOON, until }]
    expect(readRanges(NOON, null, NOON + 10 * MINUTE, [])).toEqual(whole(NOON + 10 * MINUTE))
    expect(readRanges(NOON, null, NOON + 15 * MINUTE, [])).toEqual(whole(NOON + 15 * MINUTE))
    expect(readRanges(NOON, null, NOON + 15 * MINUTE + 1000, [])).toHaveLength(2)
    expect(readRanges(NOON, null, NOON + 999, [])).toEqual([])
    expect(readRanges(NOON, null, NOON - MINUTE, [])).toEqual([])
    expect(readRanges(NOON, null, NOON + 1000, [])).toEqual(whole(NOON + 1000))
  })

  test('is counted with its start and without its end', () => {
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

  test('are events of the Organization, or are told in a line and left out', () => {
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

  test('are told apart by ID, or else by all they are', () => {
    expect([keyOf(item), keyOf({ id: 7 }), keyOf({}), keyOf(null), keyOf('x')]).toEqual([
      uuid(1),
      '{"id":7}',
      '{}',
      'null',
      '"x"',
    ])
  })

  test('have a date only where there is one to be read', () => {
    const dates = [item, { created_at: 'x' }, { created_at: 7 }, {}, null, 'x', [item]].map(dateOf)
    expect(dates).toEqual([NOON, null, null, null, null, null, null])
  })
})

test('a stretch is named by its dates', () => {
  expect(nameOf(NOON, NOON + 1000)).toBe(
    'the log from 2026-03-02T12:00:00.000Z to 2026-03-02T12:00:00.001Z',
  )
  expect(nameOf(BEGINNING, null)).toBe('the log from the beginning to its end')
})

describe('a list in pages', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => at)

  /** Reads pages of three items as they are by the time of each question. */
  async function reading(
    lists: (question: number) => readonly number[],
    options: Partial<Reading> = {},
    answer = (page: { items: readonly number[]; total: number }, _question: number) => page,
  ) {
    const asked: number[] = []
    const whole = await readCompleteList(
      async page => {
        asked.push(page)
        const list = lists(asked.length)
        const items = list.slice((page - 1) * 3, page * 3)
        return answer({ items, total: list.length }, asked.length)
      },
      { what: 'the list', pageSize: 3, keyOf: String, ...options },
    )
    return { asked, ...whole }
  }

  test('that holds still is read once, page by page', async () => {
    expect(await reading(() => numbers(7))).toEqual({
      asked: [1, 2, 3],
      items: numbers(7),
      settled: true,
    })
    // The last page is full: there is none behind it.
    expect((await reading(() => numbers(6))).asked).toEqual([1, 2])
    expect((await reading(() => numbers(3))).asked).toEqual([1])
  })

  test('is read twice where it is empty, and, where absence is to prove something, of several pages', async () => {
    expect(await reading(() => [])).toEqual({ asked: [1, 1], items: [], settled: true })
    const twice = { twice: true }
    expect((await reading(() => numbers(3), twice)).asked).toEqual([1])
    expect((await reading(() => numbers(4), twice)).asked).toEqual([1, 2, 1, 2])
  })

  test('of more items than may be is none, at once', async () => {
    expect(await reading(() => numbers(7), { most: 6 })).toEqual({ asked: [1] })
    expect((await reading(() => numbers(6), { most: 6 })).settled).toBe(true)
  })

  test('whose page contradicts its total is asked for that page again, three times at most', async () => {
    const once = await reading(
      () => numbers(5),
      {},
      (page, question) => (question === 1 ? { ...page, items: [] } : page),
    )
    expect(once).toEqual({ asked: [1, 1, 2], items: numbers(5), settled: true })
    const always = await reading(
      () => numbers(5),
      {},
      page => ({ ...page, total: page.total + 1 }),
    )
    // Each of four passes asks its last page three times, and none of them proves anything.
    expect(always.asked).toEqual(Array.from({ length: 4 }, () => [1, 2, 2, 2]).flat())
    expect([always.items, always.settled]).toEqual([numbers(5), false])
  })

  test.each<[string, Partial<Reading>, (question: number) => number, number, string]>([
    [
      'is larger than any, as it says,',
      {},
      () => Number.MAX_SAFE_INTEGER,
      1,
      'has 9,007,199,254,740,991 items according to Scaleway, more than the limit of 200,000',
    ],
    ['grows for ever', { pageSize: 3 }, question => question * 3 + 1, 66_667, 'has 200,002 items'],
    [
      'is longer than any',
      { received: byTheMebibyte() },
      () => 99_999,
      129,
      'is longer than 128 MiB',
    ],
    ['takes too long', { deadline: 0 }, () => 9, 1, 'was not read to its end within an hour'],
  ])('that %s is given up in one line', async (_, options, total, questions, words) => {
    let asked = 0
    const read = readCompleteList(async () => ({ items: [1, 2, 3], total: total(++asked) }), {
      what: 'the list',
      pageSize: 3,
      keyOf: String,
      ...options,
    })
    await expect(read).rejects.toThrow(`the list cannot be read: it ${words}`)
    await expect(read).rejects.toBeInstanceOf(ScalewayUnavailable)
    expect(asked).toBe(questions)
  })

  function byTheMebibyte(): () => number {
    let bytes = 0
    return () => {
      bytes += 2 ** 20
      return bytes
    }
  }

  test('that grew behind what was read is read on to its new end', async () => {
    const grown = await reading(question => numbers(question === 1 ? 4 : 5))
    expect(grown).toEqual({ asked: [1, 2], items: numbers(5), settled: true })
  })

  test('that shifted while it was read is read again, until it holds still', async () => {
    // One goes from the first page, so that another slips from the second into it, unseen.
    const shifting = await reading(question => (question === 1 ? numbers(5) : numbers(5).slice(1)))
    expect(shifting.asked).toEqual([1, 2, 1, 2])
    expect([shifting.items?.toSorted(), shifting.settled]).toEqual([numbers(5), true])
    // One comes before all others, so that one of the first page is seen on the second again.
    const coming = await reading(question => (question === 1 ? numbers(5) : [9, ...numbers(5)]))
    expect([coming.asked, coming.settled]).toEqual([[1, 2, 1, 2], true])
    expect(coming.items?.toSorted()).toEqual([...numbers(5), 9])
  })

  test('whose items change places from page to page is whole once all were seen together', async () => {
    const [one, other] = [numbers(5), [0, 1, 3, 2, 4]]
    // In each pass one is on both pages, and another on neither: always 2, or 2 and 3 in turn.
    const always = await reading(question => (question % 2 === 1 ? other : one))
    expect([always.asked.length, always.settled]).toEqual([8, false])
    const inTurn = await reading(question => (question === 1 || question === 4 ? other : one))
    expect([inTurn.asked, inTurn.settled]).toEqual([[1, 2, 1, 2], true])
    expect(inTurn.items?.toSorted()).toEqual(numbers(5))
  })

  test('that was longer is not whole because of what is gone', async () => {
    // 8 is gone behind the first page, and 1 never seen: as many were seen as there are, but not those.
    const { items, asked, settled } = await reading(question => {
      if (question === 1) return [8, 9, 0, 1, 2]
      if (question === 2) return [9, 0, 1, 2]
      return question % 2 === 1 ? [9, 0, 2, 1] : [0, 2, 1, 9]
    })
    expect([items, asked.length, settled]).toEqual([[8, 9, 0, 2], 8, false])
  })

  test('that is shorter in the next pass is whole as it is then', async () => {
    // In the first pass one is passed over, and one comes twice; then it is gone, and the rest holds still.
    const shorter = await reading(question =>
      question === 1 ? numbers(5) : question === 2 ? [0, 1, 3, 2, 4] : [0, 1, 2, 4],
    )
    expect([shorter.asked, shorter.settled]).toEqual([[1, 2, 1, 2], true])
  })

  test('that has more on a page than its total says is not whole, and is not asked on where a page is short', async () => {
    const more = await reading(
      () => numbers(3),
      {},
      page => ({ ...page, total: 2 }),
    )
    expect(more).toEqual({ asked: new Array(12).fill(1), items: numbers(3), settled: false })
    const less = await reading(
      () => numbers(5),
      {},
      page => ({ ...page, total: 9 }),
    )
    expect(less.asked).toEqual(Array.from({ length: 4 }, () => [1, 2, 2, 2]).flat())
    expect(less.settled).toBe(false)
  })
})
