// The Logs page in a real browser, over the whole server. Each visit has a browser profile of its own, and whatever
// goes wrong in it (a line on the console, an error, a request to another host) is a fault.

import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { listen } from '../../src/http/server.ts'
import { openApp, type TestApp } from './app.ts'

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

export const HAS_BROWSER = existsSync(executablePath)

/** What to say of tests that need one. */
export const BROWSER_NOTE = HAS_BROWSER
  ? ''
  : ` (skipped: no Chromium at ${executablePath}, see CHROMIUM_PATH)`

export interface Visit {
  readonly page: Page
  /** Empty as long as all is well. */
  readonly faults: string[]
}

export interface VisitOptions {
  /** An Owner's unless given. */
  readonly token?: string
  readonly locale?: string
  readonly timeZone?: string
  readonly dark?: boolean
  readonly width?: number
  readonly height?: number
  /** Whether files that are downloaded are kept. */
  readonly clipboard?: boolean
}

export interface PageHouse extends TestApp {
  readonly url: string
  readonly browser: Browser
  /** Opens the page at this query string, signed in. It is ready when its main part is there. */
  visit(search?: string, options?: VisitOptions): Promise<Visit>
  close(): Promise<void>
}

/** The options are those of `openApp`. */
export async function openPageHouse(
  options: Parameters<typeof openApp>[0] = {},
): Promise<PageHouse> {
  const behind = await openApp(options)
  const running = await listen(behind.app, '127.0.0.1', 0)
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
  const owner = await behind.token()

  async function visit(search = '', options: VisitOptions = {}): Promise<Visit> {
    const { locale = 'en-GB', timeZone = 'Europe/Paris', dark = false } = options
    const { token = owner, width = 1280, height = 900, clipboard = false } = options
    const context = await browser.newContext({
      ...{ locale, timezoneId: timeZone, viewport: { width, height } },
      colorScheme: dark ? 'dark' : 'light',
      permissions: clipboard ? ['clipboard-read', 'clipboard-write'] : [],
      reducedMotion: 'reduce',
    })
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    const faults: string[] = []
    page.on('console', line => line.type() === 'error' && faults.push(line.text()))
    page.on('pageerror', error => faults.push(error.message))
    page.on('request', request => {
      const url = request.url()
      if (!url.startsWith(`${running.url}/`) && !/^(data|blob):/.test(url)) faults.push(url)
    })
    await page.goto(`${running.url}/${search}#token=${token}`)
    await page.locator('main').waitFor()
    return { page, faults }
  }

  return {
    ...behind,
    url: running.url,
    browser,
    visit,
    async close() {
      await browser.close()
      await running.close()
      await behind.store.close()
    },
  }
}
