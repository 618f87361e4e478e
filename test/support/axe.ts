// The violations of accessibility that axe-core finds in the current state of a page.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * A line for each violation, with its rule and the elements; empty if there are none. `rules` limits the check to these
 * rules.
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // The page's policy allows no foreign script, except by a debugger.
  await page.evaluate(`if (!window.axe) { ${SOURCE} }`)
  return page.evaluate(
    `axe.run(${rules === undefined ? '' : JSON.stringify({ runOnly: rules })}).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  )
}
