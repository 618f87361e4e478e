// The queries of the Logs page: none is sent twice or for a mere change of display, all have the filter that is shown,
// and nothing that was loaded with one token is shown with the next.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openApp, type TestApp } from './support/app.ts'
import {
  BROWSER_NOTE,
  HAS_BROWSER,
  openVisitors,
  type Visit,
  type VisitOptions,
  type Visitors,
} from './support/browser.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'
import { type Door, heard, openDoor } from './support/page-door.ts'
import { user } from './support/people.ts'

const TIME = '2026-01-20T12:00:00Z'
const ADA = uuid(1)
const NAME = 'Ada Lovelace'

/** The queries for the log of an Organization. */
const LOG = ['Coverage', 'Events', 'Figures']

describe.skipIf(!HAS_BROWSER)(`the queries of the Logs page${BROWSER_NOTE}`, () => {
  let backend: TestApp
  let door: Door
  let visitors: Visitors
  let owner: string
  let auditor: string
  let visit: Visit
  let page: Page

  beforeAll(async () => {
    backend = await openApp()
    await backend.store.append([
      event({ principalId: uuid(2), action: 'deleted' }),
      event({ principalId: uuid(2) }),
      event({ principalId: ADA }),
    ])
    const entries = [user({ id: ADA, name: NAME })]
    await backend.store.updateDirectory({
      ...{ organizationId: ORGANIZATION, kind: 'user', complete: true },
      entries,
    })
    owner = await backend.token()
    auditor = await backend.token(['AuditTrailReadOnly'])
    door = await openDoor(backend)
    visitors = await openVisitors(door.url)
  })

  beforeEach(() => {
    door.asked.length = 0
    door.streams.length = 0
  })

  afterAll(async () => {
    await visitors?.close()
    await door?.close()
    await backend?.store.close()
  })

  async function open(search: string, options: VisitOptions = {}): Promise<void> {
    visit = await visitors.visit(search, owner, options)
    page = visit.page
    await settled()
  }

  /** Waits until all responses have arrived and are rendered. */
  async function settled(): Promise<void> {
    await page.locator('main:not([aria-busy=true]):not(:has([aria-busy=true]))').waitFor()
    await heard(page)
  }

  /** The names of the queries that the page sends while this is done. */
  async function queriesDuring(done: () => Promise<unknown>): Promise<string[]> {
    return door.during(async () => {
      await done()
      await settled()
    })
  }

  const search = () => Object.fromEntries(new URL(page.url()).searchParams)
  const row = (at: number) => page.locator('tbody tr').nth(at)

  test('the first event is shown after a script, a style sheet and two queries, without waiting for the counts', async () => {
    await open('')
    const [first, ...others] = door.asked.map(({ name }) => name)
    expect([first, ...others.sort()]).toEqual(['Begin', ...LOG])
    await page.route('**/graphql', route =>
      /query (Coverage|Figures)/.test(route.request().postData() ?? '') ? null : route.continue(),
    )
    await page.reload()
    await row(0).locator('time').waitFor()
    const loaded = await page.evaluate<string[]>(
      "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)",
    )
    const files = loaded.filter(path => path !== '/graphql')
    expect(files.map(path => path.replace(/.*\./, '')).sort()).toEqual(['css', 'js'])
    expect(door.asked.slice(4).map(({ name }) => name)).toEqual(['Begin', 'Events'])
    expect(visit.faults).toEqual([])
    await visit.close()
  })

  test('nothing is loaded again for More info, the display of dates and languages, or on going back and forward', async () => {
    await open('?last=30d', { time: TIME })
    const dialog = page.getByRole('dialog')
    const more = (at: number) => row(at).getByRole('button', { name: 'More info' })
    expect(await queriesDuring(() => more(0).click())).toEqual(['Event'])
    expect(
      await queriesDuring(() =>
        dialog.getByRole('button', { name: 'Next event in the list' }).click(),
      ),
    ).toEqual(['Event'])
    expect(await queriesDuring(() => page.keyboard.press('Escape'))).toEqual([])
    expect(await queriesDuring(() => more(1).click())).toEqual([])
    expect(
      await queriesDuring(() => dialog.getByRole('button', { name: 'Close' }).click()),
    ).toEqual([])
    expect(await queriesDuring(() => page.goBack())).toEqual([])
    expect(await queriesDuring(() => page.keyboard.press('Escape'))).toEqual([])

    await page.getByText('Settings').click()
    const dates = page.getByRole('combobox', { name: 'Dates' })
    expect(await queriesDuring(() => dates.selectOption('relative'))).toEqual([])
    expect(await queriesDuring(() => dates.selectOption('absolute'))).toEqual([])
    // The bars of the histogram depend on the time zone.
    const zone = () => page.getByLabel('Time zone').selectOption('utc')
    expect(await queriesDuring(zone)).toEqual(['Figures'])
    expect(await queriesDuring(() => page.getByLabel('Language').selectOption('fr'))).toEqual([])
    expect(await queriesDuring(() => page.getByLabel('Langue').selectOption('en'))).toEqual([])

    expect(await queriesDuring(() => row(0).locator('.of-action button').click())).toEqual(LOG)
    expect(await queriesDuring(() => page.goBack())).toEqual([])
    expect(await queriesDuring(() => page.goForward())).toEqual([])
    expect(await queriesDuring(() => row(0).locator('.principal a').click())).toEqual([
      ...[...LOG, 'Principal', 'PrincipalFigures'].sort(),
    ])
    expect(await queriesDuring(() => page.goBack())).toEqual([])
    expect(
      await queriesDuring(() => page.getByRole('button', { name: 'Refresh' }).click()),
    ).toEqual(LOG)
    expect(visit.faults).toEqual([])
    await visit.close()
  })

  test('a search is sent once after typing, and not again for the same text', async () => {
    await open('', { time: TIME })
    await page.clock.pauseAt('2026-01-20T13:00:00Z')
    await page.clock.runFor(1_000)
    const box = page.getByRole('combobox', { name: 'Search', exact: true })
    const before = door.asked.length
    for (const letter of 'Lovelace') {
      await box.press(letter)
      await page.clock.runFor(100)
    }
    await page.clock.runFor(100)
    const found = page.getByRole('option', { name: NAME }).first()
    await expect.poll(() => door.asked.length).toBe(before + 1)
    await heard(page)
    // A timer renders the response, too.
    await page.clock.runFor(1_000)
    await found.waitFor()
    const variables = { organizationId: ORGANIZATION, search: 'Lovelace', first: 5 }
    expect(door.asked.slice(before)).toEqual([{ name: 'Suggest', token: owner, variables }])
    await box.fill('')
    await page.clock.runFor(100)
    await found.waitFor({ state: 'detached' })
    await box.fill(' Lovelace ')
    await page.clock.runFor(1_000)
    await found.waitFor()
    expect(door.asked.length).toBe(before + 1)
    await visit.close()
  })

  test('the list, the counts, a download and the copied query all have the filter that is shown', async () => {
    await open('', { clipboard: true, time: TIME })
    await page.route('**/export/**', route => route.abort())
    const nasty = 'a,b&c=d#%2C+é "x" \\ 100%'
    const filterOfLink = {
      createdAfter: '2026-01-01T00:00:00.000001Z',
      createdBefore: '2026-03-01T01:00:00.123456+01:00',
      actions: ['CREATED', 'UNKNOWN'],
      categories: ['API_KEY', 'APPLICATION'],
      principalIds: [ADA, uuid(2)],
      resourceIds: [uuid(11), 'SCWAAAAAAAAAAAAAAAAA'],
      ipAddresses: ['192.0.2.0/24', '::1'],
      userAgents: [nasty],
      not: { actions: ['UPDATED'], ipAddresses: ['192.0.2.7'], userAgents: [`not ${nasty}`] },
    }
    const parameters = ({ not = {}, ...filter }: { not?: object }) =>
      Object.fromEntries([
        ...Object.entries(filter).map(([name, value]) => [name, String(value)]),
        ...Object.entries(not).map(([name, value]) => [
          `not${name[0]?.toUpperCase()}${name.slice(1)}`,
          String(value),
        ]),
      ])
    const address = (filter: object, more = {}) =>
      `?${new URLSearchParams({ ...parameters(filter), ...more })}`
    const since = { createdAfter: '2025-12-21T12:00:00.000Z', userAgents: [nasty] }
    for (const [link, listed, orderBy] of [
      [address(filterOfLink), filterOfLink, 'CREATED_AT_DESC'],
      [address(filterOfLink, { order: 'oldest' }), filterOfLink, 'CREATED_AT_ASC'],
      [
        address(filterOfLink, { principal: uuid(2) }),
        { ...filterOfLink, principalIds: [uuid(2)] },
        'CREATED_AT_DESC',
      ],
      [address({ last: '30d', userAgents: nasty }), since, 'CREATED_AT_DESC'],
    ] as const) {
      door.asked.length = 0
      await visit.lead(link)
      await settled()
      const variables = (name: string) => {
        const { variables } = door.asked.findLast(each => each.name === name) ?? {}
        return variables
      }
      const now = variables('Events').filter.createdAfter
      const moving = <Filter extends object>(filter: Filter) =>
        link.includes('last=') ? { ...filter, createdAfter: now } : filter
      expect(variables('Events')).toEqual({
        ...{
          organizationId: ORGANIZATION,
          filter: moving(listed),
          orderBy,
          first: 100,
          after: null,
        },
      })
      const { filter, anyAction, anyCategory, anyPrincipal, anyAddress, anyClient } =
        variables('Figures')
      const shown: Record<string, unknown> & { not?: object } = moving(listed)
      expect(filter).toEqual(shown)
      const without = (name: string) => {
        const { [name]: _, not, ...others } = shown
        const left = { ...not, [name]: undefined }
        // JSON omits what is undefined.
        return JSON.parse(JSON.stringify({ ...others, ...(not && { not: left }) }))
      }
      expect([anyAction, anyCategory, anyPrincipal, anyAddress, anyClient]).toEqual(
        ['actions', 'categories', 'principalIds', 'ipAddresses', 'userAgents'].map(without),
      )

      const downloading = page.waitForRequest('**/export/**')
      await page.evaluate('delete window.showSaveFilePicker')
      await page.locator('.menu summary').getByText('Download').click()
      await page.locator('.menu[open]').getByText('NDJSON', { exact: true }).click()
      const file = new URL((await downloading).url())
      expect(file.pathname).toBe(`/export/${ORGANIZATION}.ndjson`)
      expect(Object.fromEntries(file.searchParams)).toEqual(parameters(shown))
      await page.getByRole('button', { name: 'Dismiss' }).click()

      await page.evaluate('navigator.clipboard.writeText("")')
      await page.locator('.menu summary').getByText('Share').click()
      await page.getByText('Copy as GraphQL').click()
      const clipboard = () => page.evaluate<string>('navigator.clipboard.readText()')
      await expect.poll(clipboard).toContain('# Variables:')
      const text = (await clipboard()).split('# Variables:\n')[1] ?? ''
      expect(JSON.parse(text.replaceAll(/^# /gm, ''))).toEqual({
        ...{
          organizationId: ORGANIZATION,
          filter: moving(listed),
          orderBy,
          first: 50,
          after: null,
        },
      })
    }
    // The last 30 days are counted from the time of the query.
    const [filter] = door.asked
      .filter(({ name }) => name === 'Events')
      .map(each => each.variables.filter)
    const early = Date.parse(since.createdAfter)
    expect(Date.parse(filter.createdAfter)).toBeGreaterThanOrEqual(early)
    expect(Date.parse(filter.createdAfter)).toBeLessThan(early + 600_000)
    await visit.close()
  })

  describe('what was loaded with one token', () => {
    const signIn = (token: string) => page.evaluate(`location.hash = '#token=${token}'`)

    /** Sends every kind of query: for the log, More info, a search by name and the page of a principal. */
    async function lookAround(name: string): Promise<void> {
      await page.locator('tbody .principal a').getByText(name).first().waitFor()
      await row(0).getByRole('button', { name: 'More info' }).click()
      await page.getByRole('dialog').getByText('Event ID').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('combobox', { name: 'Search', exact: true }).fill('Lovelace')
      await page.locator('.search [role=status]:not(:empty)').waitFor()
      await page.keyboard.press('Escape')
      await row(0).locator('.principal a').click()
      await page.getByRole('heading', { level: 2, name }).waitFor()
      await settled()
    }

    const ALL = ['Begin', 'Coverage', 'Event', 'Events', 'Figures', 'Principal', 'Suggest']

    test('is not shown with the next token: everything is loaded again with that token, even on going back', async () => {
      await open('')
      await lookAround(NAME)
      expect(await page.content()).toContain(NAME)
      const before = door.asked.length
      await signIn(auditor)
      await page.getByRole('heading', { level: 2, name: 'Unknown' }).waitFor()
      await settled()
      expect(await page.content()).not.toContain('Lovelace')
      const names = () => door.asked.slice(before).map(({ name }) => name)
      const onPage = ['Begin', 'Events', 'Principal', 'PrincipalFigures']
      expect(names()).toEqual(expect.arrayContaining(onPage))

      // These entries of the history were visited with the first token.
      for (let back = 0; back < 2; back++) {
        await page.goBack()
        await settled()
        expect(await page.content()).not.toContain('Lovelace')
      }
      expect(search()).toEqual({})
      expect(names().filter(name => name === 'Events')).toHaveLength(2)
      await lookAround('Unknown')
      expect(await page.content()).not.toContain('Lovelace')
      expect(names()).toEqual(expect.arrayContaining(ALL))
      expect(new Set(door.asked.slice(before).map(({ token }) => token))).toEqual(
        new Set([auditor]),
      )

      await page.goBack()
      await page.getByRole('button', { name: 'Live' }).click()
      await expect.poll(() => door.streams.length).toBe(1)
      door.streams[0]?.say('id: of-the-auditor\nevent: next\ndata:\n\n')
      await heard(page)
      await signIn(owner)
      await expect.poll(() => door.streams.map(({ isOpen }) => isOpen)).toEqual([false, true])
      expect(door.streams.map(({ token }) => token)).toEqual([auditor, owner])
      expect(door.streams[1]?.variables.after).toBeNull()
      expect(visit.faults).toEqual([])
      await visit.close()
    })

    test('is removed on sign-out: nothing is kept in the browser, and everything is loaded again after the next sign-in', async () => {
      await open('')
      await lookAround(NAME)
      await page.evaluate('delete window.showSaveFilePicker')
      await page.locator('.menu summary').getByText('Download').click()
      await page.locator('.menu[open]').getByText('NDJSON', { exact: true }).click()
      await page.getByText('Download complete: 1 event').waitFor()
      await page.getByText('Settings').click()
      const done = await door.during(async () => {
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.getByLabel('Access token').waitFor()
        await page.goBack()
        await page.getByLabel('Access token').waitFor()
      })
      expect(done).toEqual([])
      expect(await page.content()).not.toContain('Lovelace')
      const kept = await page.evaluate(
        'JSON.stringify([{ ...sessionStorage }, { ...localStorage }, typeof history.state])',
      )
      expect(JSON.parse(String(kept))).toEqual([{}, {}, 'number'])

      const box = page.getByLabel('Access token')
      await box.fill('not a token')
      await box.press('Enter')
      await page.getByText('This is not a token').waitFor()
      expect(await page.evaluate('sessionStorage.length')).toBe(0)
      const queries = await door.during(async () => {
        await box.fill(`${door.url}/?live=yes#token=${auditor} `)
        await box.press('Enter')
        await page.getByText('Unknown').first().waitFor()
        await settled()
      })
      expect(queries).toEqual(['Begin', ...LOG])
      expect(door.asked.slice(-4).map(({ token }) => token)).toEqual(Array(4).fill(auditor))
      expect(await page.evaluate('JSON.stringify({ ...sessionStorage })')).toBe(
        JSON.stringify({ 'iam-logs.token': auditor }),
      )
      expect(await page.content()).not.toContain('Lovelace')
      expect(await page.locator('.transfer').innerText()).toBe('')
      await visit.close()
    })

    test('is not shown if it arrives after a change of token, and a late refusal does not sign out the next token', async () => {
      await open('')
      const held: (() => Promise<void>)[] = []
      await page.route('**/graphql', async route => {
        if ((await route.request().headerValue('x-auth-token')) !== owner) return route.continue()
        held.push(() => route.continue().catch(() => {}))
      })
      const refusal = JSON.stringify({
        errors: [{ message: 'no longer', extensions: { code: 'UNAUTHENTICATED' } }],
      })
      let refuse: () => Promise<void> = async () => {}
      await page.route('**/export/**', route => {
        refuse = () => route.fulfill({ status: 401, body: refusal }).catch(() => {})
      })
      await page.evaluate('delete window.showSaveFilePicker')
      await page.locator('.menu summary').getByText('Download').click()
      await page.locator('.menu[open]').getByText('NDJSON', { exact: true }).click()
      await visit.lead('?userAgent=curl')
      await expect.poll(() => held.length).toBe(3)
      await signIn(auditor)
      await page.getByText('Unknown').first().waitFor()
      await settled()
      await refuse()
      for (const answer of held) await answer()
      await page.getByText('no longer').waitFor()
      await settled()
      expect(await page.locator('tbody .principal').allInnerTexts()).toEqual(
        Array(3).fill('Unknown 10000000…'),
      )
      expect(await page.content()).not.toContain('Lovelace')
      expect(await page.evaluate("sessionStorage.getItem('iam-logs.token')")).toBe(auditor)
      await visit.close()
    })

    test('is not requested again after a change of token, although a request had failed', async () => {
      const userAgent = 'many'
      await backend.store.append(Array.from({ length: 150 }, () => event({ userAgent })))
      await open('', { time: TIME })
      await page.route('**/graphql', route =>
        /"userAgents":\["many"\].*"after":"/.test(route.request().postData() ?? '')
          ? route.fulfill({ status: 503, body: '' })
          : route.continue(),
      )
      const requests: string[] = []
      page.on('request', request => {
        if (request.postData()?.includes('"after":"')) requests.push(request.postData() ?? '')
      })
      await visit.lead('?userAgent=many')
      await expect.poll(() => requests.length).toBeGreaterThan(1)
      await visit.lead('?userAgent=curl')
      await settled()
      await signIn(auditor)
      await page.getByText('Unknown').first().waitFor()
      await settled()
      await page.clock.pauseAt('2026-01-20T13:00:00Z')
      await heard(page)
      requests.length = 0
      await page.clock.runFor(20_000)
      await heard(page)
      expect(requests).toEqual([])
      await visit.close()
    })
  })
})
