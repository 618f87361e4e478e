// The figures and the filters of the Logs page, in a browser: they count the events of the store, and each choice is
// kept in the URL.

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { BEGINNING } from '../src/coverage.ts'
import type { Event, EventFilter } from '../src/event.ts'
import { violations } from './support/axe.ts'
import { BROWSER_NOTE, HAS_BROWSER, openPageHouse, type PageHouse } from './support/browser.ts'
import { at, event, matches, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'

const SCALEWAY = uuid(9)
const SYNCED_ORGANIZATION = uuid(1, '30000000')
const HOUR = 3600 * 1_000_000
const START = at('2026-03-20T00:00:00.123456Z')

/** Ten days, an event every two hours; clocks are put forward in Paris in the last night. */
const EVENTS = Array.from({ length: 120 }, (_, number) =>
  event({
    createdAt: START + number * 2 * HOUR,
    action: ['created', 'updated', 'deleted', 'archived'][number % 4] ?? '',
    category: ['api_key', 'user', 'group', 'policy', 'user'][number % 5] ?? '',
    principalId: [uuid(1), uuid(2), uuid(3), SCALEWAY][number % 4] ?? '',
    ipAddress: [`192.0.2.${number % 6}`, '2001:db8::1', null][number % 3] ?? null,
    userAgent: number % 2 === 0 ? 'curl/8.0' : 'terraform/1.9 (Linux)',
    resourceId: number % 10 === 0 ? 'SCWAAAAAAAAAAAAAAAAA' : uuid(number % 7, 'a0000000'),
  }),
)

function count(filter: EventFilter): number {
  return EVENTS.filter(event => matches(event, filter)).length
}

/** The numbers of matching events by value. */
function countsBy(filter: EventFilter, value: (event: Event) => string): Record<string, number> {
  const found: Record<string, number> = {}
  for (const event of EVENTS.filter(event => matches(event, filter)))
    found[value(event)] = (found[value(event)] ?? 0) + 1
  return found
}

/** The actions by their names in bars and facets. */
const ACTIONS = {
  Created: 'created',
  Updated: 'updated',
  Deleted: 'deleted',
  'Other action': 'unknown',
} as const

const home = `?organization=${ORGANIZATION}`

describe.skipIf(!HAS_BROWSER)(`the figures and filters of the Logs page${BROWSER_NOTE}`, () => {
  let house: PageHouse
  let page: Page
  let faults: string[] = []
  let lead: (search: string) => Promise<void>

  beforeAll(async () => {
    house = await openPageHouse({ scaleway: [SCALEWAY] })
    const { store } = house
    await store.append(EVENTS)
    for (const entry of [user(), application()]) {
      const { organizationId, kind } = entry
      await store.updateDirectory({ organizationId, kind, entries: [entry], complete: true })
    }
    const token = await house.token([], [ORGANIZATION, OTHER_ORGANIZATION, SYNCED_ORGANIZATION])
    ;({ page, faults, lead } = await house.visit(home, { token }))
  })

  afterEach(() => expect(faults).toEqual([]))

  afterAll(() => house.close())

  /** Shows the page at this query string in the open tab, and waits for its figures. */
  async function visit(search: string): Promise<void> {
    await lead(search)
    await settled()
  }

  async function settled(): Promise<void> {
    await page.locator('.histogram[aria-busy=false]').waitFor()
  }

  /** The parameters of the URL, except the Organization. */
  function address(): Record<string, string> {
    const { organization: _, ...rest } = Object.fromEntries(new URL(page.url()).searchParams)
    return rest
  }

  const eventCount = (number: number) => `${number} event${number === 1 ? '' : 's'}`
  const total = () => page.locator('.histogram').getByRole('status')
  const bars = () => page.getByRole('listbox', { name: 'Events over time' })
  const chip = (name: string) => page.getByRole('button', { name: `Remove ${name}`, exact: true })

  /** Waits until the page says that this number of events matches. */
  async function shows(number: number): Promise<void> {
    await total().getByText(eventCount(number), { exact: true }).waitFor()
    await settled()
  }

  /** The counts of a facet by the names of its values. */
  async function facet(name: string): Promise<Record<string, number>> {
    const rows = page.getByRole('group', { name, exact: true }).locator('li:has(.count)')
    const texts = await rows.evaluateAll(rows =>
      rows.map(row =>
        ['.value', '.count'].map(part => row.querySelector(part)?.textContent?.trim() ?? ''),
      ),
    )
    return Object.fromEntries(texts.map(([value, count]) => [value, Number(count)]))
  }

  /** The counts of each bar, in order, from its accessible name. */
  async function barCounts(): Promise<{ count: number; byAction: Record<string, number> }[]> {
    const names = await bars()
      .getByRole('option')
      .evaluateAll(options => options.map(option => option.getAttribute('aria-label') ?? ''))
    return names.map(name => {
      const [, count, each = ''] = /: (\d+) events?(?: \((.*)\))?$/.exec(name) ?? []
      const pairs = each
        .split(', ')
        .filter(Boolean)
        .map(text => /^(.*) (\d+)$/.exec(text) ?? [])
      return {
        count: Number(count),
        byAction: Object.fromEntries(
          pairs.map(([, action = '', count]) => [action, Number(count)]),
        ),
      }
    })
  }

  test('facets and bars count the matching events of the store, under each filter', async () => {
    await visit(home)
    const cases: [search: string, filter: EventFilter][] = [
      ['', {}],
      ['&actions=CREATED', { actions: ['created'] }],
      [
        '&categories=USER,GROUP&actions=DELETED',
        { categories: ['user', 'group'], actions: ['deleted'] },
      ],
      [`&principalIds=${uuid(3)}`, { principalIds: [uuid(3)] }],
      ['&userAgent=CURL&categories=POLICY', { userAgent: 'curl', categories: ['policy'] }],
      [
        '&createdAfter=2026-03-21T07:30:00Z&createdBefore=2026-03-21T21:00:00.123456Z',
        {
          createdAfter: at('2026-03-21T07:30:00Z'),
          createdBefore: at('2026-03-21T21:00:00.123456Z'),
        },
      ],
      [
        '&ipAddresses=192.0.2.0/24&actions=UNKNOWN',
        {
          addresses: [{ first: Uint8Array.of(192, 0, 2, 0), last: Uint8Array.of(192, 0, 2, 255) }],
          actions: ['unknown'],
        },
      ],
    ]
    for (const [search, filter] of cases) {
      await lead(`${home}${search}`)
      await shows(count(filter))
      const { actions: _, ...anyAction } = filter
      const other = count({ ...anyAction, actions: ['unknown'] })
      const { categories: __, ...anyCategory } = filter
      const { principalIds: ___, ...anyPrincipal } = filter
      expect(await facet('Action'), search).toEqual({
        Created: count({ ...anyAction, actions: ['created'] }),
        Updated: count({ ...anyAction, actions: ['updated'] }),
        Deleted: count({ ...anyAction, actions: ['deleted'] }),
        ...(other > 0 && { 'Other action': other }),
      })
      expect(await facet('Category'), search).toMatchObject({
        User: count({ ...anyCategory, categories: ['user'] }),
        Policy: count({ ...anyCategory, categories: ['policy'] }),
        Application: 0,
      })
      const people: Record<string, number> = {
        'Ada Lovelace': count({ ...anyPrincipal, principalIds: [uuid(1)] }),
        terraform: count({ ...anyPrincipal, principalIds: [uuid(2)] }),
        'Unknown 10000000…': count({ ...anyPrincipal, principalIds: [uuid(3)] }),
        Scaleway: count({ ...anyPrincipal, principalIds: [SCALEWAY] }),
      }
      expect(await facet('Principal'), search).toEqual(
        Object.fromEntries(Object.entries(people).filter(([, count]) => count > 0)),
      )
      // A chosen value narrows all other facets, but not its own.
      const { addresses: ____, ...anyAddress } = filter
      expect(await facet('IP address'), search).toEqual({
        ...countsBy(anyAddress, ({ ipAddress }) => ipAddress ?? 'no address'),
        ...(filter.addresses && { '192.0.2.0/24': count(filter) }),
      })
      const { userAgent: _____, ...anyClient } = filter
      expect(await facet('Client'), search).toEqual({
        ...countsBy(anyClient, ({ userAgent }) =>
          userAgent === 'curl/8.0' ? 'curl 8.0' : 'terraform 1.9',
        ),
        ...(filter.userAgent !== undefined && { CURL: count(filter) }),
      })
      const counts = await barCounts()
      expect(
        counts.reduce((sum, { count }) => sum + count, 0),
        search,
      ).toBe(count(filter))
      for (const [name, action] of Object.entries(ACTIONS)) {
        const sum = counts.reduce((sum, { byAction }) => sum + (byAction[name] ?? 0), 0)
        const matching = filter.actions === undefined || filter.actions.includes(action)
        const expected = matching ? count({ ...filter, actions: [action] }) : 0
        expect(sum, `${search} ${name}`).toBe(expected)
      }
    }
  })

  test('dragging over bars zooms in and sets the URL; Zoom out and Back return', async () => {
    await visit(`${home}&zone=utc`)
    const options = bars().getByRole('option')
    const named = (at: number) => options.nth(at).getAttribute('aria-label')
    expect(await named(4)).toBe(
      '21 Mar 2026, 00:00–06:00: 3 events (Created 1, Updated 1, Deleted 1)',
    )
    const [from, to] = [await options.nth(4).boundingBox(), await options.nth(7).boundingBox()]
    if (from === null || to === null) throw new Error('the bars have no place')
    const y = from.y + from.height / 2
    await page.mouse.move(to.x + to.width / 2, y)
    await page.getByText('21 Mar 2026, 18:00 – 22 Mar 2026, 00:00').waitFor()
    await page.mouse.down()
    await page.mouse.move(from.x + from.width / 2, y, { steps: 4 })
    expect(await bars().getByRole('option', { selected: true }).count()).toBe(4)
    await page.locator('.tip').getByText('12 events').waitFor()
    await page.mouse.up()
    await shows(12)
    const zoomed = {
      zone: 'utc',
      createdAfter: '2026-03-21T00:00:00.000000Z',
      createdBefore: '2026-03-22T00:00:00.000000Z',
    }
    expect(address()).toEqual(zoomed)
    await page.reload()
    await shows(12)
    await page.getByRole('button', { name: 'Zoom out' }).click()
    await shows(36)
    expect(address()).toEqual({
      zone: 'utc',
      createdBefore: '2026-03-23T00:00:00.000Z',
    })
    await page.getByRole('button', { name: 'Zoom out' }).click()
    await shows(72)
    await page.goBack()
    await page.goBack()
    await shows(12)
    expect(address()).toEqual(zoomed)
  })

  test('a click zooms to the period of one bar, with finer bars; Escape cancels a drag', async () => {
    await visit(`${home}&zone=utc`)
    const options = bars().getByRole('option')
    const place = await options.nth(5).boundingBox()
    if (place === null) throw new Error('the bar has no place')
    await page.mouse.move(place.x + 2, place.y + 20)
    await page.mouse.down()
    await page.keyboard.press('Escape')
    await page.mouse.up()
    expect(address()).toEqual({ zone: 'utc' })
    await options.nth(5).click()
    await shows(3)
    expect(address()).toMatchObject({
      createdAfter: '2026-03-21T06:00:00.000000Z',
      createdBefore: '2026-03-21T12:00:00.000000Z',
    })
    expect((await barCounts()).length).toBe(72)
  })

  test('the length of the shown period decides how long each bar is, and bars cover the whole period', async () => {
    const from = Date.parse('2026-03-20T00:00:00Z')
    const day = 24 * 60
    for (const [minutes, bars_, last] of [
      [150, 150, '20 Mar 2026, 02:29–02:30: 0 events'],
      [151, 31, '20 Mar 2026, 02:30–02:31: 0 events'],
      [10 * 60, 120, '20 Mar 2026, 09:55–10:00: 0 events'],
      [10 * 60 + 1, 41, '20 Mar 2026, 10:00–10:01: 1 event (Updated 1)'],
      [20 * 60, 80, '20 Mar 2026, 19:45–20:00: 0 events'],
      [20 * 60 + 1, 21, '20 Mar 2026, 20:00–21:00: 1 event (Deleted 1)'],
      [8 * day, 192, '27 Mar 2026, 23:00 – 28 Mar 2026, 00:00: 0 events'],
      [8 * day + 1, 33, '28 Mar 2026, 00:00–01:00: 1 event (Created 1)'],
      [24 * day, 96, '12 Apr 2026, 18:00 – 13 Apr 2026, 00:00: 0 events'],
      [24 * day + 1, 25, '13 Apr 2026: 0 events'],
      [200 * day, 200, '5 Oct 2026: 0 events'],
      [200 * day + 1, 30, '5 – 11 Oct 2026: 0 events'],
      [1_464 * day, 210, '18 – 24 Mar 2030: 0 events'],
      [1_464 * day + 1, 49, 'March 2030: 0 events'],
    ] as const) {
      const until = new Date(from + minutes * 60_000).toISOString()
      await visit(`${home}&zone=utc&createdAfter=2026-03-20T00:00:00Z&createdBefore=${until}`)
      const names = await bars()
        .getByRole('option')
        .evaluateAll(options => options.map(option => option.getAttribute('aria-label') ?? ''))
      expect([names.length, names.at(-1)], until).toEqual([bars_, last])
    }
  })

  test('zooming in keeps the microseconds of the period; zooming out passes through fixed spans up to all time', async () => {
    const [after, before] = ['2026-03-21T06:00:00.000123Z', '2026-03-21T08:00:00.000456Z']
    await visit(`${home}&zone=utc&createdAfter=${after}&createdBefore=${before}`)
    const press = async (...keys: string[]) => {
      await bars().focus()
      for (const key of keys) await page.keyboard.press(key)
      await settled()
      const { createdAfter, createdBefore } = address()
      return [createdAfter, createdBefore]
    }
    expect(await press('Home', 'Enter')).toEqual([after, '2026-03-21T06:01:00.000000Z'])
    await page.goBack()
    await settled()
    expect(await press('End', 'Enter')).toEqual(['2026-03-21T08:00:00.000000Z', before])
    await page.goBack()
    await settled()
    expect(await press('Home', 'Shift+End', 'Enter')).toEqual([after, before])

    await visit(`${home}&last=1h`)
    const out = page.getByRole('button', { name: 'Zoom out' })
    const spans = []
    for (let step = 0; step < 6; step++) {
      await out.click()
      await settled()
      spans.push(address().last)
    }
    expect(spans).toEqual(['24h', '7d', '30d', '90d', '365d', undefined])
    expect(address()).toEqual({})
    expect(await out.isDisabled()).toBe(true)
    await visit(`${home}&createdAfter=2026-03-24T00:00:00Z&createdBefore=2026-03-25T00:00:00Z`)
    await out.click()
    expect(address()).toEqual({
      createdAfter: '2026-03-23T00:00:00.000Z',
      createdBefore: '2026-03-26T00:00:00.000Z',
    })
  })

  test('by keyboard, arrows move between bars, Shift selects several, Enter zooms in, Escape cancels', async () => {
    await visit(`${home}&zone=utc`)
    await bars().focus()
    const active = async () => {
      const id = await bars().getAttribute('aria-activedescendant')
      return id === null ? null : page.locator(`[id="${id}"]`).getAttribute('aria-label')
    }
    expect(await active()).toBeNull()
    await page.keyboard.press('Home')
    expect(await active()).toBe(
      '20 Mar 2026, 00:00–06:00: 3 events (Created 1, Updated 1, Deleted 1)',
    )
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Shift+ArrowRight')
    expect(await active()).toMatch(/^20 Mar 2026, 12:00–18:00: 3 events/)
    expect(await bars().getByRole('option', { selected: true }).count()).toBe(2)
    await page.keyboard.press('Escape')
    expect(await active()).toBeNull()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Shift+ArrowLeft')
    await page.keyboard.press('Enter')
    await shows(6)
    expect(address()).toEqual({
      zone: 'utc',
      createdAfter: '2026-03-29T12:00:00.000000Z',
      createdBefore: '2026-03-29T23:00:00.000000Z',
    })
    expect(await bars().evaluate(list => list === list.ownerDocument.activeElement)).toBe(true)
  })

  test('a value chosen in a facet filters all figures, and each facet still lists its other values', async () => {
    await visit(home)
    await page.getByRole('checkbox', { name: 'Deleted' }).check()
    await shows(30)
    expect(address()).toEqual({ actions: 'DELETED' })
    expect(await facet('Action')).toMatchObject({ Created: 30, Deleted: 30 })
    expect(await facet('IP address')).toEqual({
      '2001:db8::1': 10,
      'no address': 10,
      '192.0.2.0': 10,
    })
    await page.getByRole('checkbox', { name: '2001:db8::1' }).check()
    await shows(10)
    await page.getByRole('checkbox', { name: 'curl 8.0' }).check()
    expect(address()).toEqual({
      actions: 'DELETED',
      ipAddresses: '2001:db8::1',
      userAgents: 'curl/8.0',
    })
    await page.getByRole('checkbox', { name: 'Ada Lovelace' }).waitFor({ state: 'detached' })
    await page.getByRole('checkbox', { name: 'Deleted' }).uncheck()
    await page.getByRole('checkbox', { name: 'Ada Lovelace' }).check()
    await shows(count({ principalIds: [uuid(1)], actions: ['created'] }) / 3)
    await page.getByRole('checkbox', { name: 'Deleted' }).check()
    await shows(0)
    await page.getByText('No events match.').waitFor()
    expect((await facet('Principal'))['Ada Lovelace']).toBe(0)
    expect(await facet('Category')).toMatchObject({ User: 0, Policy: 0 })
  })

  test('the counts of a facet are aligned, also beside values that have a hint', async () => {
    await visit(home)
    const who = page.getByRole('group', { name: 'Principal', exact: true })
    expect(await who.locator('.hint').count()).toBeGreaterThan(1)
    const ends = (selector: string) =>
      who
        .locator(selector)
        .evaluateAll(parts => parts.map(part => part.getBoundingClientRect().right))
    const counts = await ends('.count')
    expect(counts.length).toBeGreaterThan(3)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(0.5)
    expect(Math.max(...(await ends('.hint button')))).toBeLessThan(Math.min(...counts))
  })

  test('a value excluded in a facet filters all figures, stays in its facet, and can be chosen again', async () => {
    await visit(home)
    const exclude = (name: string) =>
      page.getByRole('button', { name: `Exclude ${name}`, exact: true })
    await exclude('Deleted').click()
    const not: NonNullable<EventFilter['not']> = { actions: ['deleted'] }
    await shows(count({ not }))
    expect(address()).toEqual({ notActions: 'DELETED' })
    expect(await exclude('Deleted').getAttribute('aria-pressed')).toBe('true')
    expect(await facet('Action')).toMatchObject({ Deleted: count({ actions: ['deleted'] }) })
    await exclude('no address').waitFor({ state: 'detached' })
    await exclude('Ada Lovelace').click()
    await shows(count({ not: { ...not, principalIds: [uuid(1)] } }))
    await chip('Principal is not Ada Lovelace').click()
    await shows(count({ not }))
    await exclude('curl 8.0').click()
    await shows(count({ not: { ...not, userAgents: ['curl/8.0'] } }))
    await chip('User agent is not curl/8.0').click()
    await shows(count({ not }))
    // Choosing an excluded value ends its exclusion, and the other way round.
    await page.getByRole('checkbox', { name: 'Deleted' }).check()
    await shows(count({ actions: ['deleted'] }))
    expect(address()).toEqual({ actions: 'DELETED' })
    await exclude('Deleted').click()
    await shows(count({ not }))
    await exclude('Deleted').click()
    await shows(120)
    expect(address()).toEqual({})
  })

  test('typed dates are in the chosen time zone, also in the night that clocks are put forward', async () => {
    await visit(home)
    const dates = page.locator('.range-dates')
    const [from, until] = [dates.getByLabel('From'), dates.getByLabel('Until')]
    const period = page.locator('.range-menu summary')
    await period.click()
    await from.fill('2026-03-29T01:30:00')
    await until.fill('2026-03-29T03:30:00')
    await page.getByRole('button', { name: 'Show this period' }).click()
    await settled()
    expect(address()).toEqual({
      createdAfter: '2026-03-29T00:30:00.000Z',
      createdBefore: '2026-03-29T01:30:00.000Z',
    })
    await page.getByText('Settings').click()
    await page.getByLabel('Time zone').selectOption('utc')
    await period.click()
    expect(await from.inputValue()).toBe('2026-03-29T00:30')
    await from.fill('2026-03-29T01:30:00')
    await page.getByRole('button', { name: 'Show this period' }).click()
    await page.getByText('The period ends before it begins').waitFor()
    await until.fill('2026-03-29T03:30:00')
    await until.press('Enter')
    await shows(1)
    expect(address()).toEqual({
      zone: 'utc',
      createdAfter: '2026-03-29T01:30:00.000Z',
      createdBefore: '2026-03-29T03:30:00.000Z',
    })
  })

  test('an unchanged start keeps its microseconds when the end is changed, and the menu offers periods up to now', async () => {
    await visit(`${home}&createdAfter=2026-03-29T20:00:00.123457Z`)
    await shows(1)
    const period = page.locator('.range-menu summary')
    await period.click()
    await page.getByLabel('Until').fill('2026-03-30T23:00:00')
    await page.getByLabel('Until').press('Enter')
    await page.getByRole('button', { name: 'Zoom out' }).waitFor()
    expect(address()).toEqual({
      createdAfter: '2026-03-29T20:00:00.123457Z',
      createdBefore: '2026-03-30T21:00:00.000Z',
    })
    await shows(1)
    await period.click()
    await page.getByRole('button', { name: 'Last hour' }).click()
    await shows(0)
    expect(address()).toEqual({ last: '1h' })
    await period.click()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'All time' }).waitFor({ state: 'hidden' })
    await chip('Period Last hour').click()
    await shows(120)
    expect(address()).toEqual({})
  })

  test('each condition has a button that removes it, and Clear all removes all conditions', async () => {
    await visit(
      `${home}&actions=CREATED,DELETED&categories=USER&principalIds=${uuid(2)},${uuid(77)}&userAgent=linux`,
    )
    await chip('Principal terraform').waitFor()
    await chip(`Principal ${uuid(77)}`).click()
    await chip('Action Deleted').click()
    await chip('User agent linux').click()
    await chip('Category User').waitFor()
    expect(address()).toEqual({ actions: 'CREATED', categories: 'USER', principalIds: uuid(2) })
    await page.getByRole('button', { name: 'Clear all', exact: true }).click()
    await page
      .getByRole('button', { name: /^Remove/ })
      .first()
      .waitFor({ state: 'detached' })
    expect(address()).toEqual({})
    await house.store.append([event({ createdAt: START + HOUR })])
    await page.getByRole('button', { name: 'Refresh' }).click()
    await shows(121)
  })

  test('a line says which periods the archive covers, and when it was last synced', async () => {
    const line = () => page.getByRole('region', { name: 'Coverage of the log' })
    await visit(home)
    await line()
      .getByText('From 20 Mar 2026 to 30 Mar 2026, 00:00:00; imported, not synced with Scaleway.')
      .waitFor()
    const now = Date.now() * 1000
    const read = { organizationId: OTHER_ORGANIZATION, events: 0 }
    const first = { ...read, from: START, until: START + HOUR, readAt: START + HOUR }
    const last = { ...read, from: START + 2 * HOUR, until: now - 3 * HOUR, readAt: now - 3 * HOUR }
    await house.store.appendRead([], [first, last])
    const all = {
      ...read,
      organizationId: SYNCED_ORGANIZATION,
      from: BEGINNING,
      until: now,
      readAt: now,
    }
    const recent = { organizationId: SYNCED_ORGANIZATION, createdAt: now - 2 * HOUR }
    await house.store.appendRead([event(recent)], [all])
    // The page requests the Organizations only when it is loaded, and one of these is new.
    await page.goto(`${house.url}/?organization=${OTHER_ORGANIZATION}&zone=utc`)
    await line().getByText('No events yet; early history missing;').waitFor()
    await line().getByText('2 gaps').click()
    await line().getByText('Missing before 20 Mar 2026, 00:00:00').waitFor()
    await line().getByText('Missing from 20 Mar 2026, 01:00:00 to 20 Mar 2026, 02:00:00').waitFor()
    await line().locator('.stale').getByText('3 hours ago: recent events').waitFor()
    expect(await violations(page, ['color-contrast'])).toEqual([])
    await visit(`?organization=${SYNCED_ORGANIZATION}`)
    await line()
      .getByText(/^Since .*, latest event 2 hours ago; complete until/)
      .waitFor()
    await line()
      .getByText(/^synced (now|\d+ seconds? ago)/)
      .waitFor()
    expect(await line().locator('.stale').count()).toBe(0)
  })
})
