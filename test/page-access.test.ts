// Whole views of the Logs page for who uses no mouse, no eyes or a phone: what axe finds, in light and dark, with menus
// open; the way through by keyboard alone; and that nothing is wider than the screen, however long its name.

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { violations } from './support/axe.ts'
import { BROWSER_NOTE, HAS_BROWSER, openPageHouse, type PageHouse } from './support/browser.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { user } from './support/people.ts'

const ADA = uuid(1)
const LONG_NAMED = uuid(5)
const IPV6 = '2001:db8:1111:2222:3333:4444:5555:6666'
const LONG = 'long'.repeat(50)

describe.skipIf(!HAS_BROWSER)(`the Logs page is for everybody${BROWSER_NOTE}`, () => {
  let house: PageHouse
  let page: Page
  let faults: string[] = []
  let lead: (search: string) => Promise<void>

  beforeAll(async () => {
    house = await openPageHouse()
    const createdAt = at('2026-03-01T10:00:00Z')
    await house.store.append([
      ...[1, 2, 3].map(() => event({ createdAt, principalId: ADA, ipAddress: '192.0.2.1' })),
      event({ createdAt, principalId: uuid(3), action: 'deleted', userAgent: null }),
      event({ createdAt, principalId: uuid(4), resourceId: ADA, category: 'user' }),
      event({ principalId: LONG_NAMED, resourceId: LONG, userAgent: LONG, ipAddress: IPV6 }),
    ])
    const inFull = { organizationId: ORGANIZATION, complete: true }
    const long = { id: LONG_NAMED, name: LONG, username: LONG, email: `${LONG}@example.com` }
    await house.store.updateDirectory({ ...inFull, kind: 'user', entries: [user(), user(long)] })
    ;({ page, faults, lead } = await house.visit())
  })

  afterEach(() => expect(faults).toEqual([]))

  afterAll(() => house.close())

  /** All rules in light; in dark, what is different there. */
  async function found(): Promise<string[]> {
    await page.emulateMedia({ colorScheme: 'light' })
    const inLight = await violations(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    return [...inLight, ...(await violations(page, ['color-contrast']))]
  }

  const summary = (name: string) => page.locator('summary').filter({ hasText: name })

  test('axe finds nothing in the log with a filter that is refused, nor in its menus', async () => {
    await lead('?actions=CREATED&ipAddresses=x/y')
    await page.locator('.refused:not(:empty)').waitFor()
    expect(await found()).toEqual([])
    await lead(`?actions=CREATED&principalIds=${ADA}`)
    await page.locator('.histogram[aria-busy=false]').waitFor()
    for (const name of ['Download', 'Share', 'All time', 'Settings']) {
      await summary(name).click()
      expect(await found()).toEqual([])
    }
    await page.keyboard.press('Escape')
  })

  test('nor in More info and a principal’s page', async () => {
    await lead('')
    await page.getByRole('button', { name: 'More info' }).first().click()
    await page.getByRole('dialog').getByText('Event ID').waitFor()
    expect(await found()).toEqual([])
    await page.keyboard.press('Escape')
    await lead(`?principal=${ADA}&ipAddresses=192.0.2.1`)
    await page.locator('.principal-figures table').first().waitFor()
    expect(await found()).toEqual([])
  })

  test('Tab goes from the top to the bottom, over a way to the events, and shows where it is', async () => {
    await lead('')
    await page.locator('.rows [tabindex="0"]').waitFor()
    await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)')
    await page.getByRole('heading', { name: 'IAM logs' }).click({ position: { x: 1, y: 1 } })
    await lead('')
    await page.keyboard.press('Shift+Tab')
    const skip = page.getByRole('button', { name: 'Skip to events' })
    expect(await skip.evaluate(one => one === one.ownerDocument.activeElement)).toBe(true)
    const places: { name: string; area: number; outlined: boolean }[] = []
    for (let stop = 0; stop < 60; stop++) {
      places.push(
        await page.evaluate(`(() => {
          const one = document.activeElement
          const { width, height } = one.getBoundingClientRect()
          const outlined = getComputedStyle(one).outlineStyle !== 'none'
          const name = one.closest('.rows') ? 'events' : one.innerText || one.ariaLabel || ''
          return { name: name.trim(), area: width * height, outlined }
        })()`),
      )
      if (places.at(-1)?.name === 'events') break
      await page.keyboard.press('Tab')
    }
    const names = places.map(({ name }) => name)
    const wanted = ['Skip to events', 'IAM logs', 'GraphiQL', 'Settings', 'All time', 'Search']
    const then = ['Refresh', 'Live', 'Download', 'Share', 'Events over time', 'events']
    const order = [...wanted, ...then].map(name => names.indexOf(name))
    expect(order).toEqual(order.toSorted((one, other) => one - other))
    expect(order).not.toContain(-1)
    // All choices of a facet are one stop.
    expect(names.length).toBeLessThan(30)
    expect(places.filter(({ area, outlined }) => area < 20 || !outlined)).toEqual([])
    await skip.focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('.rows :focus').count()).toBe(1)
  })

  test('Escape, a click elsewhere and Tab beyond its end close a menu, and only Escape keeps the focus on it', async () => {
    for (const name of ['Settings', 'Download', 'All time']) {
      const panel = page.locator('details[open].dropdown > .panel')
      const focused = () => summary(name).evaluate(one => one === one.ownerDocument.activeElement)
      await summary(name).focus()
      await page.keyboard.press('Enter')
      await panel.waitFor()
      await page.keyboard.press('Tab')
      expect(await focused()).toBe(false)
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'hidden' })
      expect(await focused()).toBe(true)
      await page.keyboard.press('Enter')
      await panel.waitFor()
      await page.keyboard.press('Shift+Tab')
      await panel.waitFor({ state: 'hidden' })
      await summary(name).click()
      await panel.waitFor()
      await page.mouse.click(640, 890)
      await panel.waitFor({ state: 'hidden' })
    }
  })

  test('nor does axe in the question for a token', async () => {
    await summary('Settings').click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Access token').waitFor()
    expect(await found()).toEqual([])
  })

  test('nothing is wider than a phone, in French and with names of 200 letters', async () => {
    const options = { token: await house.token(), width: 360, locale: 'fr-FR' }
    const { page, lead, close } = await house.visit('', options)
    const width = () => page.evaluate('document.documentElement.scrollWidth')
    await page.getByText(LONG).filter({ visible: true }).first().waitFor()
    expect(await width()).toBe(360)
    for (const name of ['Filtres', 'Réglages', 'Télécharger', 'Partager', 'Depuis']) {
      await page.locator('summary').filter({ hasText: name }).focus()
      await page.keyboard.press('Enter')
      expect(await width()).toBe(360)
    }
    await page.keyboard.press('Escape')
    const row = page.getByRole('row').filter({ hasText: LONG })
    await row.getByRole('button', { name: 'Plus d' }).click()
    await page.getByRole('dialog').getByText(LONG).first().waitFor()
    expect(await width()).toBe(360)
    await lead(`?principal=${LONG_NAMED}&userAgent=${LONG}&resourceIds=${LONG}`)
    await page.getByRole('heading', { name: LONG }).waitFor()
    await page.locator('.principal-figures table').first().waitFor()
    expect(await width()).toBe(360)
    await close()
  })
})
