// The Logs page in Firefox: the list, one event, a filter, a principal's page, and GraphiQL.

import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'
import { FIREFOX_NOTE, HAS_FIREFOX, launchFirefox } from './support/firefox.ts'
import { user } from './support/people.ts'

const ADA = uuid(1)

describe.skipIf(!HAS_FIREFOX)(`the Logs page in Firefox${FIREFOX_NOTE}`, () => {
  let app: TestApp
  let server: RunningServer
  let browser: Browser
  let page: Page
  const faults: string[] = []

  beforeAll(async () => {
    app = await openApp()
    await app.store.append([
      ...Array.from({ length: 300 }, () => event({ userAgent: 'curl/8.1' })),
      event({ principalId: ADA, action: 'deleted', userAgent: 'wget/1.2' }),
    ])
    await app.store.updateDirectory({
      ...{ organizationId: ORGANIZATION, kind: 'user', complete: true },
      entries: [user({ id: ADA })],
    })
    server = await listen(app.app, '127.0.0.1', 0)
    browser = await launchFirefox({ dark: true })
    page = await browser.newPage()
    await page.setViewport({ width: 1440, height: 900 })
    page.on('pageerror', error => faults.push(String(error)))
    page.on('console', line => line.type() === 'error' && faults.push(line.text()))
    await page.goto(`${server.url}/#token=${await app.token()}`)
  })

  afterAll(async () => {
    expect(faults).toEqual([])
    await browser?.close()
    await server?.close()
    await app?.store.close()
  })

  const see = (text: string) => page.locator(`::-p-text(${text})`).wait()

  test('shows the list and one event beside it, which Escape closes', async () => {
    await page.waitForSelector('tr[data-index="10"] time')
    expect(await page.title()).toContain('IAM logs')
    expect(await page.$$eval('.bars b', bars => bars.length)).toBeGreaterThan(0)
    await page.locator('tr[data-index="0"] time').click()
    await page.waitForSelector('dialog[open]:not(:modal) dl > div')
    await see('wget/1.2')
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog', { hidden: true })
    await page.waitForSelector('tr[data-index="0"] .date:focus')
  })

  test('filters by a clicked value until Back is pressed, and opens a principal’s page by its name', async () => {
    await page.locator('tr[data-index="0"] .of-action button').click()
    await page.waitForFunction('document.querySelectorAll("tbody tr").length === 1')
    expect(page.url()).toContain('actions=DELETED')
    await page.goBack()
    await page.waitForSelector('tr[data-index="10"] time')
    await page.locator('tr[data-index="0"] .principal a').click()
    await page.waitForSelector('.principal-page h2')
    expect(await page.$eval('.principal-page h2', heading => heading.textContent)).toBe(
      'Ada Lovelace',
    )
    await page.goBack()
    await page.waitForSelector('tr[data-index="10"] time')
  })

  test('keeps the facets in sight while the list is scrolled', async () => {
    await page.evaluate('scrollTo(0, 5000)')
    await page.waitForSelector('tr[data-index="120"] time')
    expect(await page.$eval('.facets', box => Math.round(box.getBoundingClientRect().top))).toBe(0)
  })

  test('leads to GraphiQL, which fills the window without a scroll bar', async () => {
    await page.goto(`${server.url}/graphql`)
    await page.waitForSelector('.graphiql-tabs')
    const [taller, scheme] = await page.evaluate(() => [
      document.documentElement.scrollHeight - innerHeight,
      getComputedStyle(document.documentElement).colorScheme,
    ])
    expect(taller).toBe(0)
    expect(['dark', 'normal']).toContain(scheme)
  })
})
