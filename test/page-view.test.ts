// What the Logs page shows stands in its address, whole: whatever it can show comes out of the address as it went
// in, and an address that says something else shows what it can and names the rest.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ACTIONS,
  CATEGORIES,
  EVERYTHING,
  exportParameters,
  filterOf,
  readView,
  SPANS,
  type Span,
  type View,
  writeView,
} from '../src/web/logs/view/view.ts'

const ids = fc.uniqueArray(fc.uuid(), { maxLength: 3 })
const date = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map(date => date.toISOString().replace('Z', '123+02:00'))
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })

const views: fc.Arbitrary<View> = fc.record({
  organizationId: fc.option(fc.uuid()),
  principalId: fc.option(fc.uuid()),
  eventId: fc.option(fc.uuid()),
  last: fc.option(fc.constantFrom(...(Object.keys(SPANS) as Span[]))),
  createdAfter: fc.option(date),
  createdBefore: fc.option(date),
  actions: fc.subarray([...ACTIONS]),
  categories: fc.subarray([...CATEGORIES]),
  principalIds: ids,
  resourceIds: ids,
  ipAddress: fc.option(text),
  userAgent: fc.option(text),
  oldestFirst: fc.boolean(),
  live: fc.boolean(),
  utc: fc.boolean(),
  relative: fc.boolean(),
})

describe('the address', () => {
  test('holds the whole view', () => {
    fc.assert(
      fc.property(views, view => {
        // The time up to now goes before the two dates, which are then not told.
        const shown =
          view.last === null ? view : { ...view, createdAfter: null, createdBefore: null }
        expect(readView(writeView(shown))).toEqual({ view: shown, unknown: [] })
      }),
    )
  })

  test('of everything is empty', () => {
    expect(writeView(EVERYTHING)).toBe('')
    expect(readView('')).toEqual({ view: EVERYTHING, unknown: [] })
  })

  test('is read whatever it says, and what it means nothing by is named', () => {
    fc.assert(
      fc.property(fc.string(), search => {
        readView(search)
      }),
    )
    const { view, unknown } = readView(
      '?actions=CREATED,SHREDDED&createdAfter=yesterday&last=2h&live=1&colour=red&userAgent=',
    )
    expect(view).toEqual({ ...EVERYTHING, actions: ['CREATED'] })
    expect(unknown.toSorted()).toEqual(['actions', 'colour', 'createdAfter', 'last', 'live'])
  })
})

describe('the filter', () => {
  test('of the time up to now counts back from now', () => {
    const now = Date.parse('2026-01-02T00:00:00Z')
    const view: View = { ...EVERYTHING, last: '24h', createdBefore: '2020-01-01T00:00:00Z' }
    expect(filterOf(view, now)).toEqual({ createdAfter: '2026-01-01T00:00:00.000Z' })
  })

  test('of everything has no condition', () => {
    expect(filterOf(EVERYTHING, 0)).toEqual({})
  })

  test('is the same for exports', () => {
    const view: View = { ...EVERYTHING, actions: ['CREATED', 'DELETED'], ipAddress: '192.0.2.0/24' }
    expect(exportParameters(view, 0)).toEqual([
      ['actions', 'CREATED,DELETED'],
      ['ipAddress', '192.0.2.0/24'],
    ])
  })
})
