// Pages in Chromium, one browser for each test file. Each visit has its own profile. Errors on the console, uncaught
// errors and requests to other hosts are faults.

import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll } from 'vitest'
import { listen } from '../../src/server/listen.ts'
import { openApp, type TestApp } from './app.ts'

/** The headless shell needs half the CPU time. */
const PLACES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']

const executablePath = process.env.CHROMIUM_PATH ?? PLACES.find(existsSync) ?? '/usr/bin/chromium'

export const HAS_BROWSER = existsSync(executablePath)

/** A note for the titles of tests that need a browser. */
export const BROWSER_NOTE = HAS_BROWSER
  ? ''
  : ` (skipped: no Chromium at ${executablePath}, see CHROMIUM_PATH)`

let browser: Promise<Browser> | undefined

/** The browser of this test file, which is closed at its end. */
export function openBrowser(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
      // So that no process is started in advance.
      '--renderer-process-limit=1',
    ],
  })
  return browser
}

afterAll(async () => (await browser)?.close())

export interface Visit {
  readonly page: Page
  /** Errors so far. */
  readonly faults: string[]
  /** Shows the page at this query string without loading it again, as Back and Forward do. */
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
  /** The time of the page when it opens, by a clock that the test can stop and move: `page.clock`. */
  readonly time?: string
  /** A script that runs before those of the page, for a different browser. */
  readonly script?: string
}

export interface Visitors {
  /** Opens the page at this query string, signed in with the token, and waits for its frame. */
  visit(search: string, token: string, options?: VisitOptions): Promise<Visit>
  /** Ends all visits. */
  close(): Promise<void>
}

/** `url`: of the server, without a slash at the end. */
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
  /** Opens the page at this query string, signed in with the token, by default that of an Owner. */
  visit(search?: string, options?: VisitOptions & { readonly token?: string }): Promise<Visit>
  close(): Promise<void>
}

/** A server with the page and an app. The options are those of `openApp`. */
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

/** Collects errors of a page from now on, and requests to other origins and URLs. */
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
