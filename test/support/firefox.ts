// Firefox as in Debian, controlled by WebDriver BiDi.

import { existsSync } from 'node:fs'
import { type Browser, launch } from 'puppeteer-core'

const executablePath = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr'

export const HAS_FIREFOX = existsSync(executablePath)

/** A note for the titles of tests that need Firefox. */
export const FIREFOX_NOTE = HAS_FIREFOX
  ? ''
  : ` (skipped: no Firefox at ${executablePath}, see FIREFOX_PATH)`

export function launchFirefox({ dark = false } = {}): Promise<Browser> {
  return launch({
    browser: 'firefox',
    executablePath,
    extraPrefsFirefox: {
      'intl.accept_languages': 'en-GB',
      'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1,
    },
  })
}
