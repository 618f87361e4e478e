// Pages in a real browser, one for each test file. Each visit has a profile of its own, and whatever goes wrong in it (an
// error on the console, one that nobody caught, a request to another host) is a fault.

import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll } from 'vitest'
import { listen } from '../../src/server/listen.ts'
import { openApp, type TestApp } from './app.ts'

/** The one without windows needs half the CPU time. */
const PLACES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']

const executablePath = process.env.CHROMIUM_PATH ?? PLACES.find(existsSync) ?? '/usr/bin/chromium'

export const HAS_BROWSER = existsSync(executablePath)

/** What to say of tests that need one. */
export const BROWSER_NOTE = HAS_BROWSER
  ? ''
  : ` (skipped: no Chromium at ${executablePath}, see CHROMIUM_PATH)`

let browser: Promise<Browser> | undefined

/** The same one for the whole file, which closes it at its end. */
export function openBrowser(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
      // No process in advance for a page that may never come.
      '--renderer-process-limit=1',
    ],
  })
  return browser
}

afterAll(async () => (await browser)?.close())

export interface Visit {
  readonly page: Page
  /** Empty as long as all is well. */
  readonly faults: string[]
  /** Shows the page at this query string as Back and Forward do, without loading it anew. */
  lead(search: string): Promise<void>
  close(): Promise<void>
}

export interface VisitOptions {
  readonly locale?: string
  readonly timeZone?: string
  readonly dark?: boolean
  readonly width?: number
  readonly height?: number
  /** Whether the page may read what it copied. */
  readonly clipboard?: boolean
  /** What time it is as the page opens, by a clock that the test may stop and move on: `page.clock`. */
  readonly time?: string
  /** A script that runs before those of the page: what is different in this browser. */
  readonly script?: string
}

export interface Visitors {
  /** Opens the page at this query string, signed in with the token. Its frame is there. */
  visit(search: string, token: string, options?: VisitOptions): Promise<Visit>
  /** Ends all visits. */
  close(): Promise<void>
}

/** Of the server at this address, without a slash at its end. */
export async function openVisitors(url: string): Promise<Visitors> {
  const browser = await openBrowser()
  const contexts: BrowserContext[] = []

  async function visit(search: string, token: string, options: VisitOptions = {}): Promise<Visit> {
    const { locale = 'en-GB', timeZone = 'Europe/Paris', dark = false } = options
    const { width = 1280, height = 900, clipboard = false, time, script } = options
    const context = await browser.newContext({
      ...{ locale, timezoneId: timeZone, viewport: { width, height } },
      colorScheme: dark ? 'dark' : 'light',
      permissions: clipboard ? ['clipboard-read', 'clipboard-write'] : [],
      reducedMotion: 'reduce',
    })
    contexts.push(context)
    const page = await context.newPage()
    const faults = faultsOf(page, url, /^(data|blob):/)
    if (script !== undefined) await page.addInitScript(script)
    if (time !== undefined) await page.clock.install({ time })
    await page.goto(`${url}/${search}#token=${token}`)
    await page.locator('main').waitFor()
    async function lead(search: string): Promise<void> {
      await page.evaluate(`history.pushState(null, '', ${JSON.stringify(`/${search}`)})
        dispatchEvent(new PopStateEvent('popstate'))
        new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))`)
    }
    return { page, faults, lead, close: () => context.close() }
  }

  return {
    visit,
    async close() {
      for (const context of contexts) await context.close()
    },
  }
}

export interface PageHouse extends TestApp {
  readonly url: string
  /** Opens the page at this query string, signed in: as an Owner unless a token is given. */
  visit(search?: string, options?: VisitOptions & { readonly token?: string }): Promise<Visit>
  close(): Promise<void>
}

/** The page over a whole server, with the app's own store behind it. The options are those of `openApp`. */
export async function openPageHouse(
  options: Parameters<typeof openApp>[0] = {},
): Promise<PageHouse> {
  const behind = await openApp(options)
  const running = await listen(behind.app, '127.0.0.1', 0)
  const { visit, close } = await openVisitors(running.url)
  const owner = await behind.token()
  return {
    ...behind,
    url: running.url,
    visit: (search = '', { token = owner, ...rest } = {}) => visit(search, token, rest),
    async close() {
      await close()
      await running.close()
      await behind.store.close()
    },
  }
}

/** Everything that goes wrong in a page from now on: errors, and requests to others than this origin and these URLs. */
export function faultsOf(page: Page, origin: string, allowed: RegExp): string[] {
  page.setDefaultTimeout(120_000)
  const faults: string[] = []
  page.on('console', line => line.type() === 'error' && faults.push(line.text()))
  page.on('pageerror', error => faults.push(error.message))
  page.on('request', request => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !allowed.test(url)) faults.push(url)
  })
  return faults
}
