// The URL of the Logs page holds its whole view: each view is read from its URL as it was written, and what a URL says
// that is not valid is ignored and named.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ACTIONS,
  CATEGORIES,
  COLUMNS,
  EVERYTHING,
  exportParameters,
  filterOf,
  NO_FILTER,
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
/** Also characters that have a meaning in URLs. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(...'&=#?+%/:;, é"\'<%2C%3A'), minLength: 1, maxLength: 12 }),
)

const addresses = fc.uniqueArray(fc.oneof(fc.ipV4Extended(), fc.ipV6()), { maxLength: 3 })

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
  ipAddresses: addresses,
  userAgents: fc.uniqueArray(text, { maxLength: 3 }),
  notActions: fc.subarray([...ACTIONS]),
  notCategories: fc.subarray([...CATEGORIES]),
  notPrincipalIds: ids,
  notIpAddresses: addresses,
  notUserAgents: fc.uniqueArray(text, { maxLength: 3 }),
  savedView: fc.option(text),
  oldestFirst: fc.boolean(),
  live: fc.boolean(),
  utc: fc.boolean(),
  relative: fc.boolean(),
  hidden: fc.subarray([...COLUMNS]),
})

describe('the URL of a view', () => {
  test('holds the whole view, and means the same with its parameters and values in another order', () => {
    fc.assert(
      fc.property(views, view => {
        // A period up to now takes precedence over the two dates, which are then not written.
        const shown =
          view.last === null ? view : { ...view, createdAfter: null, createdBefore: null }
        const address = writeView(shown)
        expect(readView(address)).toEqual({ view: shown, unknown: [] })
        expect(writeView(readView(address).view)).toBe(address)
        // The same link in another form: one parameter for each value, and another order.
        const reordered = new URLSearchParams()
        const parts = [...new URLSearchParams(address)].toSorted(([a], [b]) => b.localeCompare(a))
        for (const [name, value] of parts) {
          const many = /^(actions|categories|notActions|notCategories|hide)$/.test(name)
          const values = many ? value.split(',').toReversed() : [value]
          for (const each of values) reordered.append(name, each)
        }
        expect(readView(`?${reordered}`)).toEqual({ view: shown, unknown: [] })
      }),
    )
  })

  test('is empty for the view of all events', () => {
    expect(writeView(EVERYTHING)).toBe('')
    expect(readView('')).toEqual({ view: EVERYTHING, unknown: [] })
  })

  test('is read whatever it contains, and its invalid parameters are ignored and named', () => {
    fc.assert(
      fc.property(fc.string(), search => {
        readView(search)
      }),
    )
    const { view, unknown } = readView(
      '?actions=CREATED,SHREDDED&createdAfter=yesterday&last=2h&live=1&colour=red&userAgents=',
    )
    expect(view).toEqual({ ...EVERYTHING, actions: ['CREATED'] })
    expect(unknown.toSorted()).toEqual(['actions', 'colour', 'createdAfter', 'last', 'live'])
  })
})

const WHOLE: View = {
  organizationId: 'o',
  principalId: 'p',
  eventId: 'e',
  last: null,
  createdAfter: '2026-01-01T00:00:00.000001Z',
  createdBefore: '2026-02-01T00:00:00+01:00',
  actions: ['CREATED', 'UNKNOWN'],
  categories: ['API_KEY', 'POLICY'],
  principalIds: ['a', 'b'],
  resourceIds: ['c', 'd'],
  ipAddresses: ['2001:db8::/32', '192.0.2.1'],
  userAgents: ['curl, or so', 'wget'],
  notActions: ['DELETED'],
  notCategories: ['USER', 'GROUP'],
  notPrincipalIds: ['f', 'g'],
  notIpAddresses: ['192.0.2.0/24', '::1'],
  notUserAgents: ['x, y', 'z'],
  savedView: 'Mine & yours',
  oldestFirst: true,
  live: true,
  utc: true,
  relative: true,
  hidden: ['category', 'from'],
}

describe('the URL of an earlier version', () => {
  const dates = 'createdAfter=2026-01-01T00:00:00.000001Z&createdBefore=2026-02-01T00:00:00%2B01:00'
  const not =
    'notActions=DELETED&notCategories=USER,GROUP&notPrincipalIds=f,g&notIpAddresses=192.0.2.0%2F24,::1&notUserAgents=x,+y&notUserAgents=z'
  const address = `?organization=o&principal=p&${dates}&actions=CREATED,UNKNOWN&categories=API_KEY,POLICY&principalIds=a,b&resourceIds=c,d&ipAddresses=2001:db8::%2F32,192.0.2.1&userAgents=curl,+or+so&userAgents=wget&${not}&order=oldest&live=yes&zone=utc&dates=relative&hide=category,from&event=e&view=Mine+%26+yours`

  test('still means the same view', () => {
    expect(writeView(WHOLE)).toBe(address)
    expect(readView(address)).toEqual({ view: WHOLE, unknown: [] })
    expect(readView('?resourceIds=c,d&resourceIds=d,,e').view.resourceIds).toEqual(['c', 'd', 'e'])
  })

  test('with a period up to now and a date means the period', () => {
    const { view, unknown } = readView('?last=7d&createdAfter=2026-01-01T00:00:00Z')
    const now = Date.parse('2026-03-08T00:00:00Z')
    expect([filterOf(view, now), unknown]).toEqual([
      { createdAfter: '2026-03-01T00:00:00.000Z' },
      [],
    ])
    expect(Object.keys(SPANS)).toEqual(['1h', '24h', '7d', '30d', '90d', '365d'])
    expect(Object.values(SPANS).map(span => span / 3_600_000)).toEqual([
      ...[1, 24, 168, 720, 2_160, 8_760],
    ])
  })

  test.each([
    ['order', 'newest'],
    ['live', 'no'],
    ['zone', 'Europe/Paris'],
    ['dates', 'absolute'],
    ['hide', 'date'],
    ['last', '2h'],
    ['categories', 'user'],
    ['createdBefore', 'tomorrow'],
  ])('with the invalid %s=%s shows its other conditions, and names that one', (name, value) => {
    const found = readView(`?${name}=${value}&userAgents=curl`)
    expect(found).toEqual({ view: { ...EVERYTHING, userAgents: ['curl'] }, unknown: [name] })
  })
})

describe('the filter of a view', () => {
  test('has each condition of the view, and nothing else', () => {
    const { actions, categories, principalIds, resourceIds, ipAddresses, userAgents } = WHOLE
    const { createdAfter, createdBefore } = WHOLE
    const conditions = { actions, categories, principalIds, resourceIds, ipAddresses, userAgents }
    const not = {
      actions: WHOLE.notActions,
      categories: WHOLE.notCategories,
      principalIds: WHOLE.notPrincipalIds,
      ipAddresses: WHOLE.notIpAddresses,
      userAgents: WHOLE.notUserAgents,
    }
    expect(filterOf(WHOLE, 0)).toEqual({ createdAfter, createdBefore, ...conditions, not })
    expect(filterOf(EVERYTHING, 0)).toEqual({})
    expect(filterOf({ ...WHOLE, ...NO_FILTER }, 0)).toEqual({})
    const all = { createdAfter, createdBefore, ...conditions }
    for (const [name, value] of Object.entries(all))
      expect(filterOf({ ...EVERYTHING, [name]: value }, 0)).toEqual({ [name]: value })
    for (const [name, value] of Object.entries(not)) {
      const shown = { [`not${name[0]?.toUpperCase()}${name.slice(1)}`]: value }
      expect(filterOf({ ...EVERYTHING, ...shown }, 0)).toEqual({ not: { [name]: value } })
    }
  })

  test('for a period up to now counts back from now', () => {
    const now = Date.parse('2026-01-02T00:00:00Z')
    const view: View = { ...EVERYTHING, last: '24h', createdBefore: '2020-01-01T00:00:00Z' }
    expect(filterOf(view, now)).toEqual({ createdAfter: '2026-01-01T00:00:00.000Z' })
  })

  test('is written for exports as parameters with the same conditions', () => {
    const view: View = {
      ...EVERYTHING,
      actions: ['CREATED', 'DELETED'],
      ipAddresses: ['192.0.2.0/24'],
      notPrincipalIds: ['a', 'b'],
      userAgents: ['v, w'],
      notUserAgents: ['x, y', 'z'],
    }
    expect(exportParameters(view, 0)).toEqual([
      ['actions', 'CREATED,DELETED'],
      ['ipAddresses', '192.0.2.0/24'],
      ['userAgents', 'v, w'],
      ['notPrincipalIds', 'a,b'],
      ['notUserAgents', 'x, y'],
      ['notUserAgents', 'z'],
    ])
  })
})
