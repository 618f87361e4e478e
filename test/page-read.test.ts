// The layout and texts of the Logs page: where the list begins, that names are distinguishable, that nothing moves by
// itself, and what the title, the columns, the periods and the bars show.

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { violations } from './support/axe.ts'
import { BROWSER_NOTE, HAS_BROWSER, openPageHouse, type PageHouse } from './support/browser.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'
import { apiKey } from './support/sync-contract.ts'

const [ADA, ROBOT, TWIN, DECEIVER] = [uuid(1), uuid(2), uuid(3), uuid(4)]
const KEY = 'SCW00000000000000001'
const SDK = 'scaleway-sdk-go/v1.0.0-beta.30 (go1.22; linux; amd64)'
const AGENTS = [
  `${SDK} terraform-provider/2.43.0 terraform/1.9.0`,
  `${SDK} terraform-provider/2.44.0 terraform/1.9.0`,
]

describe.skipIf(!HAS_BROWSER)(`the layout and texts of the Logs page${BROWSER_NOTE}`, () => {
  let house: PageHouse
  let page: Page
  let faults: string[] = []
  let lead: (search: string) => Promise<void>

  beforeAll(async () => {
    house = await openPageHouse()
    const start = at('2026-03-01T10:00:00Z')
    await house.store.append(
      Array.from({ length: 200 }, (_, number) =>
        event({
          createdAt: start + number * 60_000_000,
          principalId: [ADA, ROBOT, TWIN, DECEIVER][number % 4] ?? ADA,
          action: ['created', 'updated', 'deleted'][number % 3] ?? '',
          userAgent: AGENTS[number % 2] ?? null,
          ...(number % 5 === 0 && {
            ...{ category: 'api_key', resourceId: KEY, action: 'created' },
          }),
        }),
      ),
    )
    const listing = { organizationId: ORGANIZATION, complete: true }
    await house.store.updateDirectory({
      ...{ ...listing, kind: 'user' },
      entries: [user({ id: ADA }), user({ id: DECEIVER, name: 'Bob \u202eecilA\u200b' })],
    })
    await house.store.updateDirectory({
      ...{ ...listing, kind: 'application' },
      entries: [
        application({ id: ROBOT, name: 'terraform-production-1' }),
        application({ id: TWIN, name: 'terraform-production-2' }),
      ],
    })
    await house.store.updateDirectory({
      ...{ ...listing, kind: 'api_key' },
      entries: [
        apiKey({
          id: KEY,
          description: 'laptop',
          bearer: { kind: 'user', id: ADA },
        }),
      ],
    })
    await house.store.nameOrganization({ id: ORGANIZATION, name: 'Analytical Engines' })
    ;({ page, faults, lead } = await house.visit('', { width: 1440, clipboard: true }))
  })

  afterEach(() => expect(faults).toEqual([]))

  afterAll(() => house.close())

  const row = (index: number) => page.locator(`tr[data-index="${index}"]`)
  const top = (selector: string, on = page) =>
    on
      .locator(selector)
      .first()
      .evaluate(one => one.getBoundingClientRect().top)

  test('the first row begins within 300 pixels on a laptop, and three rows fit on a phone in both languages', async () => {
    await row(10).waitFor()
    expect(await top('tr[data-index="0"]')).toBeLessThanOrEqual(300)
    for (const locale of ['en-GB', 'fr-FR']) {
      const options = { locale, width: 390, height: 844, dark: locale === 'fr-FR' }
      const { page, close } = await house.visit('', options)
      await page.locator('tr[data-index="2"] time').waitFor()
      expect(await top('tr[data-index="3"]', page)).toBeLessThanOrEqual(844)
      expect(await violations(page)).toEqual([])
      await close()
    }
  })

  test.each(['en-GB', 'fr-FR'])(
    'in %s, the controls of the bar stay in one line in windows down to 860 pixels',
    async locale => {
      const { page, close } = await house.visit('', { locale })
      for (const width of [1280, 1201, 1200, 1024, 961, 960, 900, 860]) {
        await page.setViewportSize({ width, height: 600 })
        const tops = await page
          .locator('.bar > :not(.filter-bar), .filter-bar > :not(.conditions)')
          .evaluateAll(parts => parts.map(part => part.getBoundingClientRect().top))
        expect(tops.length).toBe(6)
        expect(new Set(tops).size).toBe(1)
        const search = await page.getByRole('combobox').boundingBox()
        expect(search?.width).toBeGreaterThan(130)
      }
      // Buttons that show only an icon have accessible names, too.
      expect(await violations(page)).toEqual([])
      await close()
    },
  )

  test('labels of the time axis stay within it, and each has its mark at its date', async () => {
    const dates = 'createdAfter=2025-12-18T00:00:00Z&createdBefore=2026-12-12T00:00:00Z&zone=utc'
    const { page, close } = await house.visit(`?${dates}`, { locale: 'fr-FR', width: 390 })
    await page.locator('.ticks span').first().waitFor()
    const axis = await page.locator('.ticks').boundingBox()
    const labels = await page.locator('.ticks span:visible').evaluateAll(labels =>
      labels.map(label => {
        const { left, right } = label.getBoundingClientRect()
        const mark = left + Number.parseFloat(getComputedStyle(label, '::before').left)
        return { left, right, mark, at: Number(label.style.getPropertyValue('--at')) }
      }),
    )
    const { x = 0, width = 0 } = axis ?? {}
    expect(Math.min(...labels.map(({ left }) => left))).toBeGreaterThanOrEqual(x - 0.5)
    expect(Math.max(...labels.map(({ right }) => right))).toBeLessThanOrEqual(x + width + 0.5)
    for (const { mark, at } of labels) expect(Math.abs(mark - x - width * at)).toBeLessThan(1)
    expect(labels[0]?.at).toBeLessThan(0.06)
    await close()
  })

  test.each([700, 1024, 1060, 1100, 1280, 1440])(
    'in a window of %i pixels, names of principals are not cut',
    async width => {
      await page.setViewportSize({ width, height: 900 })
      await lead(`?principalIds=${ROBOT},${TWIN}`)
      await row(5).waitFor()
      const cut = await page
        .locator('tbody .principal a')
        .evaluateAll(
          links =>
            links.filter(
              link =>
                link.parentElement !== null &&
                link.getBoundingClientRect().right >
                  link.parentElement.getBoundingClientRect().right + 1,
            ).length,
        )
      expect(cut).toBe(0)
      // Clients that do not fit end in an ellipsis.
      const cutWithoutEllipsis = await page
        .locator('tbody .of-from > span')
        .evaluateAll(
          texts =>
            texts.filter(
              text =>
                text.scrollWidth > text.clientWidth &&
                getComputedStyle(text).textOverflow !== 'ellipsis',
            ).length,
        )
      expect(cutWithoutEllipsis).toBe(0)
      const names = page.getByRole('group', { name: 'Principal', exact: true }).locator('.value')
      if (width > 960) {
        const fit = await names.evaluateAll(texts =>
          texts.every(text => text.scrollWidth <= text.clientWidth + 1),
        )
        expect(fit).toBe(true)
      }
    },
  )

  test('two clients with similar user agents look different in the list and in the facet', async () => {
    await page.setViewportSize({ width: 1440, height: 900 })
    await lead('')
    await row(1).waitFor()
    const clients = await page
      .locator('tbody .of-from > span')
      .evaluateAll(texts =>
        texts.map(text => [text.getAttribute('title') ?? '', text.textContent ?? ''] as const),
      )
    expect(new Set(clients.map(([, short]) => short)).size).toBe(2)
    expect(new Set(clients.map(([userAgent, short]) => `${short}: ${userAgent}`)).size).toBe(2)
    const facet = page.getByRole('group', { name: 'Client', exact: true }).locator('.value')
    await expect.poll(async () => new Set(await facet.allInnerTexts()).size).toBe(2)
  })

  test('a name is isolated from the direction of text around it, and its invisible characters are shown', async () => {
    await lead(`?principalIds=${DECEIVER}`)
    const name = row(0).locator('.principal bdi')
    await name.waitFor()
    expect(await name.textContent()).toBe('Bob [U+202E]ecilA[U+200B]')
    await page.getByRole('button', { name: /Remove Principal Bob \[U\+202E\]/ }).waitFor()
  })

  test('facets stay in sight while scrolling; Live, Copy link and a download move no part of the page', async () => {
    await lead('')
    await row(10).waitFor()
    const places = () =>
      Promise.all(
        ['.bar', '.histogram', 'tr[data-index="0"] .of-action', '.facets'].map(one => top(one)),
      )
    const before = await places()
    const left = await row(0)
      .locator('.of-action')
      .evaluate(one => one.getBoundingClientRect().left)
    await page.locator('.menu summary').getByText('Share').click()
    await page.getByRole('button', { name: 'Copy link' }).click()
    await page.getByText('Link copied').waitFor()
    expect(await places()).toEqual(before)
    await page.evaluate('delete window.showSaveFilePicker')
    await page.locator('.menu summary').getByText('Download').click()
    await page.locator('.menu[open]').getByText('CSV', { exact: true }).click()
    await page.getByText('Download complete: 200 events').waitFor()
    expect(await places()).toEqual(before)
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await page.getByRole('button', { name: 'Live' }).click()
    await page.getByRole('button', { name: 'Live', pressed: true }).waitFor()
    expect(await places()).toEqual(before)
    expect(
      await row(0)
        .locator('.of-action')
        .evaluate(one => one.getBoundingClientRect().left),
    ).toBe(left)
    await page.getByRole('button', { name: 'Live' }).click()
    await page.evaluate('scrollTo(0, 3000)')
    await row(80).waitFor()
    expect(await top('.facets')).toBe(0)
    await page.evaluate('scrollTo(0, 0)')
  })

  test('one sentence says that no events match, and another that the filters of a link are not valid', async () => {
    await lead('?userAgent=nobody')
    await page.locator('.list-end').getByText('No events match.').waitFor()
    expect(await page.getByText(/no events?\b/i).count()).toBe(1)
    await lead('?ipAddresses=nowhere')
    await page.locator('.list-end').getByText('These filters are not valid').waitFor()
    expect(await page.locator('tr.waiting').count()).toBe(0)
    expect(await page.locator('[aria-busy="true"]').count()).toBe(0)
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await row(10).waitFor()
    // The console reports responses with an error.
    faults.splice(0)
  })

  test('the title of the tab names the filters, the principal and the Organization', async () => {
    await lead('')
    await expect.poll(() => page.title()).toBe('Analytical Engines · IAM logs')
    await lead(`?actions=DELETED&principalIds=${ADA}&last=7d`)
    await expect
      .poll(() => page.title())
      .toBe('Ada Lovelace, Deleted, Last 7 days · Analytical Engines · IAM logs')
    await lead(`?principal=${ADA}`)
    await expect.poll(() => page.title()).toBe('Ada Lovelace · Analytical Engines · IAM logs')
  })

  test('columns can be hidden, and the choice is kept in the URL', async () => {
    await lead('')
    await row(0).waitFor()
    const columns = () => page.locator('th:not(.of-more)').allInnerTexts()
    await page.locator('.columns-menu summary').click()
    await page.getByRole('checkbox', { name: 'Category' }).uncheck()
    await page.getByRole('checkbox', { name: 'From' }).uncheck()
    expect(page.url()).toContain('hide=category,from')
    expect(await columns()).toEqual(['Date ↓', 'Action', 'Resource', 'Principal'])
    expect(await row(0).locator('td').count()).toBe(5)
    expect(await violations(page)).toEqual([])
    await page.goBack()
    await page.goBack()
    await expect.poll(columns).toHaveLength(6)
    await page.keyboard.press('Escape')
  })

  test('a hidden column leaves no gap on a phone', async () => {
    const { page, close } = await house.visit('?hide=action', { width: 390 })
    const left = (selector: string) =>
      page.locator(`tr[data-index="0"] ${selector}`).evaluate(one => {
        const text = document.createRange()
        text.selectNodeContents(one)
        return Math.round(text.getBoundingClientRect().left)
      })
    await page.locator('tr[data-index="0"] time').waitFor()
    expect(await left('.of-category button')).toBe(await left('time'))
    await close()
  })

  test('the last day, 7, 30 and 90 days are chosen by arrow keys and Enter', async () => {
    await lead('')
    const presets = page.getByRole('group', { name: 'Period' })
    await presets.getByRole('button', { name: 'All', pressed: true }).waitFor()
    await presets.getByRole('button', { name: '1h' }).focus()
    for (const [short, span] of [
      ['24h', '24h'],
      ['7d', '7d'],
      ['30d', '30d'],
      ['90d', '90d'],
    ] as const) {
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('Enter')
      await presets.getByRole('button', { name: short, pressed: true }).waitFor()
      expect(new URL(page.url()).searchParams.get('last')).toBe(span)
    }
  })

  test('bars show events by action, with a legend, a tooltip, and a pattern in addition to colours', async () => {
    await lead('')
    await page.locator('.bars b').first().waitFor()
    expect(await page.locator('.legend li').allInnerTexts()).toEqual([
      'Created',
      'Updated',
      'Deleted',
    ])
    const looks = await page
      .locator('.legend b')
      .evaluateAll(signs =>
        signs.map(sign => getComputedStyle(sign).backgroundImage.includes('gradient')),
      )
    expect(looks).toEqual([false, false, true])
    const bar = page.locator('.bars [role=option]').nth(3)
    await bar.hover()
    const tip = await page.locator('.tip').innerText()
    expect(tip).toMatch(/: 5 events \((Created|Updated|Deleted) \d.*\)$/)
    expect(tip).toBe(await bar.getAttribute('aria-label'))
  })

  test('the API keys on a principal’s page link to the changes to them', async () => {
    await lead(`?principal=${ADA}`)
    const keys = page.getByRole('region', { name: 'API keys' })
    await keys.getByText('laptop').waitFor()
    await keys.getByRole('link', { name: KEY }).click()
    await page.locator('.histogram').getByText('40 events').waitFor()
    expect(page.url()).toContain(`resourceIds=${KEY}`)
    await lead(`?principal=${ROBOT}`)
    await page.getByRole('heading', { name: 'terraform-production-1' }).waitFor()
    expect(await keys.count()).toBe(0)
  })
})
