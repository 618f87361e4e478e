// What axe-core, the common checker of accessibility, finds wrong with a page as it stands.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * A line for each violation: the rule, and the elements that break it. Empty is what is wanted. `rules` are those to
 * look at, otherwise all.
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // The page lets no script in, but a debugger.
  await page.evaluate(`if (!window.axe) { ${SOURCE} }`)
  return page.evaluate(
    `axe.run(${rules === undefined ? '' : JSON.stringify({ runOnly: rules })}).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  )
}
