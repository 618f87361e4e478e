// The Logs page and GraphiQL in unusual browsers: without a time zone, with an invalid locale, with storage blocked.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BROWSER_NOTE, HAS_BROWSER, openPageHouse, type PageHouse } from './support/browser.ts'
import { at, event } from './support/events.ts'

/** What Chromium reports on a machine without a time zone. */
const NO_ZONE = `const { resolvedOptions } = Intl.DateTimeFormat.prototype
Intl.DateTimeFormat.prototype.resolvedOptions = function () {
  return { ...resolvedOptions.call(this), timeZone: 'Etc/Unknown' }
}`

const POSIX = `Object.defineProperty(navigator, 'languages', { get: () => ['en-US@posix', 'C'] })`

const NO_STORAGE = `for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, {
    get() { throw new DOMException('Access is denied for this document.', 'SecurityError') },
  })`

describe.skipIf(!HAS_BROWSER)(`unusual browsers${BROWSER_NOTE}`, () => {
  let house: PageHouse
  beforeAll(async () => {
    house = await openPageHouse()
    await house.store.append([event({ createdAt: at('2026-03-01T10:00:00Z') })])
  })
  afterAll(() => house.close())

  test.each([
    ['does not know its time zone shows dates in UTC', NO_ZONE, 'Mar 2026, 10:00:00'],
    ['reports an invalid locale shows dates in English', POSIX, 'Mar 1, 2026, 11:00:00'],
    ['blocks storage shows events with the token of the link', NO_STORAGE, 'Mar 2026, 11:00:00'],
  ])('the Logs page in a browser that %s', async (_, script, date) => {
    const { page, faults, close } = await house.visit('', { script })
    await page.locator('.rows').getByText(date).waitFor()
    await page.locator('.histogram[aria-busy=false]').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  test('GraphiQL in a browser that blocks storage accepts a token and runs a query', async () => {
    const { page, faults, close } = await house.visit('', { script: NO_STORAGE })
    await page.goto(`${house.url}/graphql`)
    await page.locator('form input[type=password]').fill(await house.token())
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /Execute/ }).click()
    await page.locator('.graphiql-response').getByText('organizations').waitFor()
    expect(faults).toEqual([])
    await close()
  })
})
