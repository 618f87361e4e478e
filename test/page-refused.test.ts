// How the Logs page reports the errors of its requests: in words of its own for each error code, in the viewer's
// language. It never shows the server's message, which is always in English.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BROWSER_NOTE, HAS_BROWSER, openPageHouse, type PageHouse } from './support/browser.ts'
import { event, uuid } from './support/events.ts'

const MESSAGE = 'a message for developers'

const EVENT = uuid(1, 'e1000000')

/** Part of the text for each code, in English and in French. */
const WORDS = {
  BAD_USER_INPUT: ['These filters are not valid.', 'Ces filtres ne sont pas valides.'],
  FORBIDDEN: ['You do not have access to this.', 'Vous n’y avez pas accès.'],
  LIMIT_EXCEEDED: ['Try again in a minute.', 'Réessayez dans une minute.'],
  UNAVAILABLE: ['cannot be read at the moment.', 'est illisible pour le moment.'],
  INTERNAL_SERVER_ERROR: ['Something went wrong on the server.', 'Une erreur est survenue'],
  OF_A_LATER_VERSION: ['Something went wrong on the server.', 'Une erreur est survenue'],
} as const

describe.skipIf(!HAS_BROWSER)(`errors of requests on the Logs page${BROWSER_NOTE}`, () => {
  let house: PageHouse

  beforeAll(async () => {
    house = await openPageHouse()
    await house.store.append([event({ id: EVENT, principalId: uuid(1) })])
  })

  afterAll(() => house.close())

  /** Makes the operation fail with this code, from the next request on. */
  function refuse(page: Page, operation: string, code: string): Promise<unknown> {
    const body = { data: null, errors: [{ message: MESSAGE, extensions: { code } }] }
    return page.route('**/graphql', route =>
      new RegExp(`(query|mutation) ${operation}\\b`).test(route.request().postData() ?? '')
        ? route.fulfill({ json: body })
        : route.continue(),
    )
  }

  async function search(page: Page): Promise<void> {
    await page.getByRole('combobox').first().fill('somebody')
    await page.getByRole('combobox').first().press('Enter')
  }

  async function save(page: Page): Promise<void> {
    await page.locator('.views-menu summary').click()
    await page.locator('.views-menu input[name=name]').fill('mine')
    await page.locator('.views-menu input[name=name]').press('Enter')
  }

  test.each<[string, keyof typeof WORDS, string, string, ((page: Page) => Promise<void>)?]>([
    ['Figures', 'LIMIT_EXCEEDED', '', '.search [role=alert]'],
    ['Figures', 'BAD_USER_INPUT', '', '.search [role=alert]'],
    ['Events', 'UNAVAILABLE', '', '.event-list [role=alert]'],
    ['Events', 'OF_A_LATER_VERSION', '', '.event-list [role=alert]'],
    ['Suggest', 'INTERNAL_SERVER_ERROR', '', '.search [role=alert]', search],
    ['Event', 'FORBIDDEN', `?event=${EVENT}`, 'dialog [role=status]'],
    ['Principal', 'UNAVAILABLE', `?principal=${uuid(1)}`, '.principal-page > [role=alert]'],
    ['PrincipalFigures', 'LIMIT_EXCEEDED', `?principal=${uuid(1)}`, '.principal-figures'],
    ['SaveView', 'UNAVAILABLE', '', '.views-menu [role=alert]', save],
    ['Begin', 'INTERNAL_SERVER_ERROR', '', 'main [role=status]'],
  ])(
    'when %s fails with %s, the page reports it in words of its own, in English and in French',
    async (operation, code, link, where, act) => {
      for (const [at, locale] of ['en-GB', 'fr-FR'].entries()) {
        const { page, close } = await house.visit('', { locale })
        await refuse(page, operation, code)
        await page.goto(`${house.url}/${link}`)
        await act?.(page)
        const notice = page
          .locator(where)
          .getByText(WORDS[code][at] ?? '')
          .first()
        await notice.waitFor()
        expect(await page.content()).not.toContain(MESSAGE)
        await close()
      }
    },
  )

  test('saving a view under a name already in use is reported in French on a French page', async () => {
    const { page, close } = await house.visit('', { locale: 'fr-FR' })
    await save(page)
    await page.getByText('La vue « mine » est enregistrée.').waitFor()
    await page.locator('.views-menu input[name=name]').fill('Mine')
    await page.locator('.views-menu input[name=name]').press('Enter')
    await page.getByText('Vous avez déjà une vue de ce nom').waitFor()
    expect(await page.content()).not.toContain('you already have')
    await close()
  })
})
