// Signing in and out on the Logs page and in GraphiQL, in a browser, with an identity provider on another origin, with an
// access token, and behind a proxy that authenticates.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { violations } from './support/axe.ts'
import { BROWSER_NOTE, HAS_BROWSER, openBrowser, openPageHouse } from './support/browser.ts'
import { openSignInHouse, type SignInHouse } from './support/sign-in.ts'

const ADA = { kind: 'subject', name: 'ada' } as const
const SECURITY = { kind: 'group', name: 'security' } as const
const OWNER = { owner: true }

const newContext = async () => (await openBrowser()).newContext({ locale: 'en-GB' })

describe.skipIf(!HAS_BROWSER)(`sign-in with an identity provider${BROWSER_NOTE}`, () => {
  let house: SignInHouse
  let context: BrowserContext
  let page: Page

  beforeEach(async () => {
    house = await openSignInHouse()
    context = await newContext()
    page = await tab()
  })
  afterEach(async () => {
    await context.close()
    await house.close()
  })

  async function tab(): Promise<Page> {
    const page = await context.newPage()
    page.setDefaultTimeout(120_000)
    return page
  }

  const signInOn = (page: Page) => page.getByRole('button', { name: 'Sign in', exact: true })
  const listOn = (page: Page) => page.getByRole('heading', { name: 'Events', exact: true })
  const settings = () => page.locator('summary').filter({ hasText: 'Settings' })

  test('the first visit shows one button, which leads to the events and the name of the person', async () => {
    await house.give(ADA, OWNER)
    await page.goto(`${house.url}/`)
    await signInOn(page).waitFor()
    expect(await page.getByLabel('Access token').isVisible()).toBe(false)
    expect(await violations(page)).toEqual([])
    await signInOn(page).click()
    await listOn(page).waitFor()
    await page.getByText('Ada Lovelace', { exact: true }).waitFor()
    expect(page.url()).toBe(`${house.url}/`)
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate('document.cookie')).toBe('')
    await page.reload()
    await listOn(page).waitFor()
  })

  test('sign-in returns to the view of the link, and other tabs are signed in, too', async () => {
    await house.give(ADA, OWNER)
    await page.goto(`${house.url}/?actions=CREATED&utc=1`)
    await signInOn(page).click()
    await listOn(page).waitFor()
    expect(page.url()).toBe(`${house.url}/?actions=CREATED&utc=1`)
    const second = await tab()
    await second.goto(`${house.url}/?actions=DELETED`)
    await listOn(second).waitFor()
    await second.goto(`${house.url}/graphql`)
    await second.locator('.graphiql-execute-button').waitFor()
    await second.getByRole('button', { name: 'Sign out' }).waitFor()
  })

  test('GraphiQL runs queries with the session, and signs out', async () => {
    await house.give(ADA, OWNER)
    await page.goto(`${house.url}/graphql`)
    await signInOn(page).click()
    await page.locator('.graphiql-execute-button').click()
    await page.getByText('"data"').first().waitFor()
    expect(page.url()).toBe(`${house.url}/graphql`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: /yes/i }).click()
    await signInOn(page).waitFor()
  })

  test('the page says when the session has ended, and a new sign-in returns to the same view', async () => {
    await house.give(ADA, OWNER)
    await page.goto(`${house.url}/?actions=CREATED`)
    await signInOn(page).click()
    await listOn(page).waitFor()
    await page.waitForLoadState('networkidle')
    house.ahead = 9 * 3_600_000_000
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByText('Your session has ended. Sign in again to return to this view.').waitFor()
    expect(await violations(page)).toEqual([])
    house.ahead = 0
    await signInOn(page).click()
    await listOn(page).waitFor()
    expect(page.url()).toBe(`${house.url}/?actions=CREATED`)
  })

  test('a person whose group lost its grant sees that instead of events, and can sign out', async () => {
    const grant = await house.give(SECURITY, OWNER)
    await page.goto(`${house.url}/`)
    await signInOn(page).click()
    await listOn(page).waitFor()
    await house.behind.store.access.revoke(grant)
    await page.reload()
    await page.getByText('but have no rights here').waitFor()
    await page.getByText('iam-logs access grant --subject "ada"').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: /yes/i }).click()
    await signInOn(page).waitFor()
  })

  test('signing out ends the session in all tabs and at the identity provider', async () => {
    await house.give(ADA, OWNER)
    await page.goto(`${house.url}/`)
    await signInOn(page).click()
    await listOn(page).waitFor()
    const second = await tab()
    await second.goto(`${house.url}/`)
    await listOn(second).waitFor()
    await second.waitForLoadState('networkidle')
    await settings().click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    // The identity provider asks whether to sign out there, too.
    await page.waitForURL(`${house.issuer.url}/**`)
    await page.getByRole('button', { name: /yes/i }).click()
    await signInOn(page).waitFor()
    expect(page.url()).toBe(`${house.url}/`)
    await second.getByRole('button', { name: 'Refresh' }).click()
    await second.getByText('Your session has ended.').waitFor()
    house.issuer.person = 'bob'
    await signInOn(second).click()
    await second.getByText('but have no rights here').waitFor()
  })

  test('a sign-in refused by the identity provider is explained, and an access token works instead', async () => {
    house.issuer.person = null
    await page.goto(`${house.url}/?actions=CREATED`)
    await signInOn(page).click()
    await page.getByText('Your identity provider refused the sign-in.').waitFor()
    expect(page.url()).toBe(`${house.url}/?actions=CREATED`)
    house.issuer.away = 503
    await page.goto(`${house.url}/#sign-in=%3Cb%3E`)
    await page.reload()
    await page.getByText('Use an access token instead').click()
    await page.getByLabel('Access token').fill(await house.behind.token())
    await page.getByRole('button', { name: 'Use token' }).click()
    await listOn(page).waitFor()
  })

  test('the page says when the identity provider does not respond', async () => {
    house.issuer.away = 503
    await page.goto(`${house.url}/`)
    await signInOn(page).click()
    await page.getByText('Your identity provider is not responding.').waitFor()
    expect(page.url()).toBe(`${house.url}/`)
  })

  test('forms and fetches of another site get no response with the cookie, and cannot sign out', async () => {
    await house.give(ADA, OWNER)
    await page.goto(`${house.url}/`)
    await signInOn(page).click()
    await listOn(page).waitFor()
    const before = house.records.length
    const html = `<form id="f" method="post" enctype="text/plain" action="${house.url}/graphql">
      <input name='{"query":"{ viewer { name } }", "x":"' value='"}'></form>
      <form id="o" method="post" action="${house.url}/sign-out"></form><p>evil`
    const evil = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end(html),
    )
    evil.listen(0, '127.0.0.1')
    await once(evil, 'listening')
    // Another site, and the same site on another port, whose requests carry the cookie.
    const { port } = evil.address() as AddressInfo
    for (const host of ['localhost', '127.0.0.1']) {
      const other = await tab()
      await other.goto(`http://${host}:${port}/`)
      const results = await other.evaluate(`Promise.all([
        ['/graphql', { method: 'POST', body: '{"query":"{ viewer { name } }"}' }],
        ['/graphql', { method: 'POST', body: '{}', mode: 'no-cors' }],
        ['/graphql', { method: 'POST', body: '{}', headers: { 'x-iam-logs-page': '1' } }],
        ['/sign-out', { method: 'POST', mode: 'no-cors' }],
        ['/sign-out', { method: 'POST', headers: { 'x-iam-logs-page': '1' } }],
        ['/session', {}],
      ].map(([path, init]) => fetch('${house.url}' + path, { credentials: 'include', ...init })
        .then(answer => answer.type, () => 'refused')))`)
      expect(results).toEqual(['refused', 'opaque', 'refused', 'opaque', 'refused', 'refused'])
      await other.evaluate("document.getElementById('f').submit()")
      await other.getByText(/UNAUTHENTICATED|BAD_USER_INPUT/).waitFor()
      await other.goto(`http://${host}:${port}/`)
      await other.evaluate("document.getElementById('o').submit()")
      await other.getByText('only pages of this server may send this request').waitFor()
      await other.close()
    }
    evil.close()
    const since = house.records.slice(before).map(({ event }) => event)
    expect(since).not.toContain('signed_out')
    await page.reload()
    await listOn(page).waitFor()
  })
})

describe.skipIf(!HAS_BROWSER)(`sign-in without an identity provider${BROWSER_NOTE}`, () => {
  test('“Keep me signed in” signs in all tabs of this browser until one signs out', async () => {
    const house = await openPageHouse()
    const token = await house.token()
    const context = await newContext()
    const signIn = async (stay: boolean) => {
      const page = await context.newPage()
      await page.goto(`${house.url}/`)
      await page.getByLabel('Access token').fill(token)
      const box = page.getByLabel('Keep me signed in on this browser')
      expect(await box.isChecked()).toBe(false)
      if (stay) await box.check()
      await page.getByRole('button', { name: 'Use token' }).click()
      await page.locator('.page-header').waitFor()
      return page
    }
    await signIn(false)
    const page = await signIn(true)
    const second = await context.newPage()
    await second.goto(`${house.url}/`)
    await second.locator('.page-header').waitFor()
    await second.locator('summary').filter({ hasText: 'Settings' }).click()
    await second.getByRole('button', { name: 'Sign out' }).click()
    await second.getByLabel('Access token').waitFor()
    await page.getByLabel('Access token').waitFor()
    const third = await context.newPage()
    await third.goto(`${house.url}/`)
    await third.getByLabel('Access token').waitFor()
    await context.close()
    await house.close()
  })

  test('behind a proxy that authenticates the viewer, the page asks for no token and offers no Sign out', async () => {
    const house = await openPageHouse()
    const token = await house.token()
    const context = await newContext()
    const page = await context.newPage()
    await context.route(`${house.url}/**`, route =>
      route.continue({
        headers: { ...route.request().headers(), authorization: `Bearer ${token}` },
      }),
    )
    await page.goto(`${house.url}/?actions=CREATED`)
    await page.locator('.page-header').waitFor()
    await page.locator('summary').filter({ hasText: 'Settings' }).click()
    await page.getByText('Signed in as owner').waitFor()
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
    await context.close()
    await house.close()
  })
})
