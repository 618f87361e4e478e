// The files of the Logs page as they are served, and the frame of the page in a browser: its size, languages, themes,
// time zones and Organizations.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PAGE_DOCUMENTS, pageFile } from '../src/web/page-files.ts'
import { openApp } from './support/app.ts'
import { BROWSER_NOTE, HAS_BROWSER, openPageHouse, type PageHouse } from './support/browser.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION } from './support/events.ts'

const html = new TextDecoder().decode(pageFile('/')?.body)
const assets = [...html.matchAll(/(?:src|href)="([^"]*)"/g)]
  .map(([, url = '']) => url)
  .filter(url => !url.startsWith('data:'))
  .map(url => `/${url}`)

describe('the files of the Logs page', () => {
  test('are less than 150 kB in total when they are sent compressed', async () => {
    const { fetch, store } = await openApp()
    let bytes = 0
    for (const path of ['/', ...assets]) {
      const answer = await fetch(path, { headers: { 'accept-encoding': 'gzip' } })
      expect(answer.headers.get('content-encoding')).toBe('gzip')
      const body = await answer.arrayBuffer()
      expect([...new Uint8Array(body).slice(0, 2)]).toEqual([0x1f, 0x8b])
      bytes += body.byteLength
    }
    expect(assets.length).toBe(2)
    expect(bytes).toBeLessThan(150_000)
    await store.close()
  })

  test('include a script of less than 110 kB when it is sent compressed', async () => {
    const { fetch, store } = await openApp()
    const script = assets.find(path => path.endsWith('.js')) ?? ''
    const answer = await fetch(script, { headers: { 'accept-encoding': 'gzip' } })
    expect((await answer.arrayBuffer()).byteLength).toBeLessThan(110_000)
    await store.close()
  })

  test('are sent uncompressed to a client that does not accept gzip', async () => {
    const { fetch, store } = await openApp()
    for (const encoding of ['deflate', 'gzip;q=0', '']) {
      const answer = await fetch('/', { headers: { 'accept-encoding': encoding } })
      expect(answer.headers.get('content-encoding')).toBeNull()
      expect(answer.headers.get('vary')).toBe('Accept-Encoding')
      expect(await answer.text()).toBe(html)
    }
    await store.close()
  })

  test('allow only scripts, styles and connections of this server, and contain no inline script or style', () => {
    const policy = pageFile('/')?.headers['content-security-policy']?.split('; ') ?? []
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]) {
      expect(policy).toContain(rule)
    }
    expect(policy.join()).not.toMatch(/unsafe|https?:|\*/)
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/)
    expect(html.replaceAll(/href="data:[^"]*"/g, '')).not.toMatch(/https?:|\{\{|\/\/\w/)
  })

  test('have a hash in their paths, may be cached forever, and exist under no other path', () => {
    for (const path of assets) {
      expect(path).toMatch(/^\/assets\/[\w-]{16}\/page\.(css|js)$/)
      expect(pageFile(path)?.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    }
    for (const path of ['/assets/', '/page.js', '/assets/../package.json', '__proto__', '']) {
      expect(pageFile(path), path).toBeNull()
    }
  })

  test('include the licences of the libraries in them', () => {
    const licences = assets[0]?.replace(/[^/]+$/, 'licences.txt') ?? ''
    const text = new TextDecoder().decode(pageFile(licences)?.body)
    for (const name of ['preact', '@tanstack/query-core']) expect(text).toContain(name)
  })

  test('begin with a query that also runs where only persisted documents may run', async () => {
    const { fetch, token, store } = await openApp({ persisted: new Map() })
    const query = PAGE_DOCUMENTS.get('logs-page/Begin')
    const answer = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': await token() },
      body: JSON.stringify({ query }),
    })
    expect(await answer.json()).toMatchObject({ data: { viewer: { name: 'owner' } } })
    await store.close()
  })
})

describe.skipIf(!HAS_BROWSER)(`the Logs page in a browser${BROWSER_NOTE}`, () => {
  let house: PageHouse

  beforeAll(async () => {
    house = await openPageHouse()
    await house.store.append([
      event({ userAgent: 'curl/8.1' }),
      event({ organizationId: OTHER_ORGANIZATION, userAgent: 'wget/1.2' }),
    ])
    await house.store.nameOrganization({ id: ORGANIZATION, name: 'Analytical Engines' })
    await house.store.nameOrganization({ id: OTHER_ORGANIZATION, name: 'Difference Engines' })
  })

  afterAll(() => house.close())

  test('is in the language of the browser, and keeps the chosen language and theme, but no token', async () => {
    const { page, faults } = await house.visit('', { locale: 'fr-FR' })
    await page.getByRole('heading', { name: 'Journaux IAM' }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('fr')
    await page.getByText('Réglages').click()
    await page.getByLabel('Langue').selectOption('en')
    await page.getByRole('heading', { name: 'IAM logs' }).waitFor()
    await page.getByLabel('Theme').selectOption('dark')
    expect(await ground(page)).toBe('rgb(20, 18, 26)')
    await page.reload()
    await page.getByRole('heading', { name: 'IAM logs' }).waitFor()
    expect(await ground(page)).toBe('rgb(20, 18, 26)')
    expect(await page.evaluate('JSON.stringify(Object.keys(localStorage).sort())')).toBe(
      '["iam-logs.language","iam-logs.theme"]',
    )
    expect(page.url()).toBe(`${house.url}/`)
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('shows dates in the time zone of the viewer or in UTC, which is kept in the URL', async () => {
    const { page, faults } = await house.visit('', { timeZone: 'Asia/Kathmandu' })
    const row = page.getByRole('row').filter({ hasText: 'curl 8.1' })
    await row.filter({ hasText: '05:45:00' }).waitFor()
    await page.getByText('Settings').click()
    await page.getByLabel('Time zone').selectOption('utc')
    await row.filter({ hasText: '00:00:00' }).waitFor()
    expect(page.url()).toBe(`${house.url}/?zone=utc`)
    await page.goBack()
    await row.filter({ hasText: '05:45:00' }).waitFor()
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('shows the ages of events in whole units, also in French, and updates them by itself', async () => {
    const now = at('2026-02-01T13:00:00Z')
    const MINUTE = 60_000_000
    const ages = [-10.5, 5.25, 59.25, 90, 25 * 60, 3 * 1_440, 8 * 1_440, 45 * 1_440, 400 * 1_440]
    await house.store.append(
      ages.map(age => event({ createdAt: now - age * MINUTE, userAgent: 'aged' })),
    )
    const { page, faults } = await house.visit('?dates=relative&userAgent=aged', {
      time: '2026-02-01T12:00:00Z',
    })
    const shown = () => page.locator('tbody time').allInnerTexts()
    await page.locator('tbody time').nth(8).waitFor()
    await page.clock.pauseAt('2026-02-01T13:00:00Z')
    // The page updates ages every half a minute.
    await page.clock.runFor(30_000)
    const older = ['yesterday', '3 days ago', '8 days ago', 'last month', 'last year']
    expect(await shown()).toEqual([
      ...['in 10 minutes', '5 minutes ago', '59 minutes ago', '1 hour ago', ...older],
    ])
    await page.clock.runFor(60_000)
    expect(await shown()).toEqual([
      ...['in 9 minutes', '6 minutes ago', '1 hour ago', '1 hour ago', ...older],
    ])
    await page.getByText('Settings').click()
    await page.getByLabel('Language').selectOption('fr')
    await page.clock.runFor(100)
    expect((await shown()).slice(1, 5)).toEqual([
      ...['il y a 6 minutes', 'il y a 1 heure', 'il y a 1 heure', 'hier'],
    ])
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('lets a viewer of several Organizations choose one, which is kept in the URL', async () => {
    const token = await house.token([], [ORGANIZATION, OTHER_ORGANIZATION])
    const { page, faults } = await house.visit('', { token })
    await page.getByLabel('Organization', { exact: true }).selectOption('Analytical Engines')
    await page.getByRole('row').filter({ hasText: 'curl 8.1' }).waitFor()
    await page.getByLabel('Organization', { exact: true }).selectOption('Difference Engines')
    await page.getByRole('row').filter({ hasText: 'wget 1.2' }).waitFor()
    expect(page.url()).toBe(`${house.url}/?organization=${OTHER_ORGANIZATION}`)
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('has the Organizations and the settings in one line on a phone, also in French', async () => {
    const token = await house.token([], [ORGANIZATION, OTHER_ORGANIZATION])
    const { page } = await house.visit('', { token, locale: 'fr-FR', width: 390 })
    await page.getByRole('row').first().waitFor()
    const choice = await page.locator('.page-header > select').boundingBox()
    const settings = await page.locator('.settings > summary').boundingBox()
    expect(Math.abs((choice?.y ?? 0) - (settings?.y ?? 99))).toBeLessThan(10)
    await page.context().close()
  })

  test('says that the Organization of a link was not found, and which parameters were ignored', async () => {
    const { page, faults } = await house.visit(`?organization=${OTHER_ORGANIZATION}&colour=red`)
    await page.getByText(`Organization ${OTHER_ORGANIZATION} not found`).waitFor()
    await page.getByText('was ignored: colour').waitFor()
    const { page: other } = await house.visit('?organization=none')
    await other.getByText('Organization none not found').waitFor()
    expect(faults).toEqual([])
    await page.context().close()
    await other.context().close()
  })
})

function ground(page: { evaluate(script: string): Promise<unknown> }): Promise<unknown> {
  return page.evaluate('getComputedStyle(document.body).backgroundColor')
}
