// Accessibility of the Logs page: what axe finds, in light and dark and with open menus; its use with the keyboard
// alone; and that nothing is wider than the screen of a phone, however long a name is.

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

describe.skipIf(!HAS_BROWSER)(`accessibility of the Logs page${BROWSER_NOTE}`, () => {
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
    const complete = { organizationId: ORGANIZATION, complete: true }
    const long = { id: LONG_NAMED, name: LONG, username: LONG, email: `${LONG}@example.com` }
    await house.store.updateDirectory({ ...complete, kind: 'user', entries: [user(), user(long)] })
    ;({ page, faults, lead } = await house.visit())
  })

  afterEach(() => expect(faults).toEqual([]))

  afterAll(() => house.close())

  /** What axe finds: all rules in light and, in dark, the rule for colours. */
  async function allViolations(): Promise<string[]> {
    await page.emulateMedia({ colorScheme: 'light' })
    const inLight = await violations(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    return [...inLight, ...(await violations(page, ['color-contrast']))]
  }

  const summary = (name: string) => page.locator('summary').filter({ hasText: name })

  test('axe finds no violation in the log with an invalid filter, or in its menus', async () => {
    await lead('?actions=CREATED&ipAddresses=x/y')
    await page.locator('.refused:not(:empty)').waitFor()
    expect(await allViolations()).toEqual([])
    await lead(`?actions=CREATED&principalIds=${ADA}`)
    await page.locator('.histogram[aria-busy=false]').waitFor()
    for (const name of ['Download', 'Share', 'All time', 'Settings']) {
      await summary(name).click()
      expect(await allViolations()).toEqual([])
    }
    await page.keyboard.press('Escape')
  })

  test('axe finds no violation in More info, or on the page of a principal', async () => {
    await lead('')
    await page.getByRole('button', { name: 'More info' }).first().click()
    await page.getByRole('dialog').getByText('Event ID').waitFor()
    expect(await allViolations()).toEqual([])
    await page.keyboard.press('Escape')
    await lead(`?principal=${ADA}&ipAddresses=192.0.2.1`)
    await page.locator('.principal-figures table').first().waitFor()
    expect(await allViolations()).toEqual([])
  })

  test('Tab moves the focus visibly from top to bottom, and "Skip to events" moves it to the events', async () => {
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
    const header = ['Skip to events', 'IAM logs', 'GraphiQL', 'Settings', 'All time', 'Search']
    const below = ['Refresh', 'Live', 'Download', 'Share', 'Events over time', 'events']
    const order = [...header, ...below].map(name => names.indexOf(name))
    expect(order).toEqual(order.toSorted((one, other) => one - other))
    expect(order).not.toContain(-1)
    // All values of a facet together are one stop.
    expect(names.length).toBeLessThan(30)
    expect(places.filter(({ area, outlined }) => area < 20 || !outlined)).toEqual([])
    await skip.focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('.rows :focus').count()).toBe(1)
  })

  test('a menu is closed by Escape, which returns the focus to it, by a click outside, and by Tab beyond its edge', async () => {
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

  test('axe finds no violation in the form for a token', async () => {
    await summary('Settings').click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Access token').waitFor()
    expect(await allViolations()).toEqual([])
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
