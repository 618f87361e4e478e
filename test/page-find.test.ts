// The search box of the Logs page with its suggestions, by keyboard and by mouse, and its saved views, one's own and
// shared.

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { violations } from './support/axe.ts'
import { BROWSER_NOTE, HAS_BROWSER, openPageHouse, type PageHouse } from './support/browser.ts'
import { event, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'
import { apiKey, group } from './support/sync-contract.ts'

const [THEO, ZOE, ROBOT, GONE, FRIENDS] = [1, 2, 3, 4, 5].map(number => uuid(number)) as [
  ...[string, string, string, string, string],
]
const KEY = 'SCWAAAAAAAAAAAAAAAAA'
const CLIENTS = ['terraform/1.9', 'terraform/1.10', 'curl/8.0', 'Mozilla/5.0 (X11)']

const DIRECTORY = [
  user({ id: THEO, name: 'Théo Silva', username: 'ts', email: 'silva@example.com' }),
  user({ id: ZOE, name: 'Zoë', username: 'zoe', email: 'zoe@theo.example' }),
  application({ id: ROBOT, name: 'theodolite' }),
  group({ id: FRIENDS, name: 'Amis de Théo' }),
  apiKey({ id: KEY, name: KEY, description: 'laptop', bearer: { kind: 'user', id: THEO } }),
]

describe.skipIf(!HAS_BROWSER)(`search and saved views of the Logs page${BROWSER_NOTE}`, () => {
  let house: PageHouse
  let page: Page
  let faults: string[]
  let close: () => Promise<void>

  beforeAll(async () => {
    house = await openPageHouse()
    await house.store.append(
      [THEO, ZOE, ROBOT, GONE].flatMap((principalId, number) =>
        [1, 2, 3].map(nth =>
          event({
            ...{ id: uuid(number * 10 + nth, 'e1000000'), principalId },
            ...{ ipAddress: `203.0.113.${number + nth}`, userAgent: CLIENTS[number] ?? null },
            ...(nth === 1 && { category: 'api_key', resourceId: KEY }),
          }),
        ),
      ),
    )
    for (const entry of DIRECTORY) {
      await house.store.updateDirectory({ ...entry, entries: [entry], complete: false })
    }
  })

  afterAll(() => house.close())

  async function open(search = '', token?: string): Promise<void> {
    const visit = await house.visit(search, token === undefined ? {} : { token })
    ;({ page, faults, close } = visit)
    await settled()
  }

  afterEach(async () => {
    expect(faults).toEqual([])
    await close()
  })

  const settled = () => page.locator('.histogram[aria-busy=false]').waitFor()
  const box = () => page.getByRole('combobox', { name: 'Search', exact: true })
  const option = (name: string | RegExp) => page.getByRole('option', { name }).first()
  const address = () => Object.fromEntries(new URL(page.url()).searchParams)
  const chips = () =>
    page.locator('.condition button.plain').evaluateAll(all => all.map(one => one.textContent))
  const refusal = () => page.locator('.search').getByRole('alert')

  /** Waits until the page says that this number of events matches. */
  async function shows(number: number): Promise<void> {
    const text = `${number} event${number === 1 ? '' : 's'}`
    await page.locator('.histogram').getByRole('status').getByText(text, { exact: true }).waitFor()
    await settled()
  }

  /** The suggestions by kind. */
  async function suggestions(): Promise<[string | null, string[]][]> {
    const groups = page.getByRole('listbox', { name: 'Suggestions' }).getByRole('group')
    return groups.evaluateAll(all =>
      all.map(group => [
        group.querySelector('p')?.textContent ?? null,
        [...group.querySelectorAll('.value')].map(one => one.textContent),
      ]),
    ) as Promise<[string | null, string[]][]>
  }

  describe('the search box', () => {
    beforeEach(() => open())

    test('suggests people first, by name or e-mail address, ignoring case and accents; Enter chooses the first', async () => {
      for (const text of ['theo', 'THÉO', 'the\u0301o ']) {
        await box().fill(text)
        await option('Théo Silva').waitFor()
        expect(await suggestions(), text).toEqual([
          ['People', ['Théo Silva', 'Zoë']],
          ['Applications', ['theodolite']],
          ['Resources', ['Amis de Théo', 'Théo Silva', 'theodolite', 'Zoë']],
        ])
      }
      await option('Théo Silva').getByText('silva@example.com').waitFor()
      expect(await violations(page)).toEqual([])
      await box().press('Enter')
      await shows(3)
      expect(address()).toEqual({ principalIds: THEO })
      expect(await chips()).toEqual(['RemovePrincipalThéo Silva×'])
      expect(await box().inputValue()).toBe('')
    })

    test('chooses by the latest text when Enter is pressed before its suggestions arrive', async () => {
      await box().fill('theo')
      await option('Théo Silva').waitFor()
      await box().pressSequentially('dol')
      await box().press('Enter')
      await shows(3)
      expect(address()).toEqual({ principalIds: ROBOT })
    })

    test('is focused by /, its suggestions are chosen with arrows and Enter, and Escape closes them', async () => {
      await page.keyboard.press('/')
      await page.keyboard.type('theo')
      await option('Théo Silva').waitFor()
      await page.locator('.search').getByText('7 suggestions').waitFor()
      const active = async () => {
        const id = await box().getAttribute('aria-activedescendant')
        if (id === null) return null
        const chosen = page.locator(`[id="${id}"][role=option][aria-selected=true]`)
        return chosen.locator('.value').textContent()
      }
      expect(await active()).toBeNull()
      for (const [key, name] of [
        ['ArrowDown', 'Théo Silva'],
        ['ArrowDown', 'Zoë'],
        ['ArrowUp', 'Théo Silva'],
        ['ArrowUp', null],
        ['ArrowUp', 'Zoë'],
      ] as const) {
        await page.keyboard.press(key)
        expect(await active(), key).toBe(name)
      }
      await page.keyboard.press('Escape')
      expect(await box().getAttribute('aria-expanded')).toBe('false')
      await page.keyboard.press('ArrowDown')
      expect(await box().getAttribute('aria-expanded')).toBe('true')
      expect(await active()).toBe('Théo Silva')
      await page.keyboard.press('Enter')
      await shows(3)
      expect(address()).toEqual({ principalIds: THEO })
      expect(await box().evaluate(one => one === one.ownerDocument.activeElement)).toBe(true)
      await page.keyboard.type('a/b')
      await page.keyboard.press('Escape')
      await page.keyboard.press('Escape')
      expect(await box().inputValue()).toBe('')
    })

    test('finds applications, resources and clients, and adds each choice to the filter', async () => {
      await box().fill('amis')
      await option('Amis de Théo').click()
      await shows(0)
      expect(address()).toEqual({ resourceIds: FRIENDS })
      await page.getByRole('button', { name: 'Clear all', exact: true }).click()
      await box().fill('terraform')
      await option('All that contain “terraform”').waitFor()
      expect((await suggestions()).at(-1)).toEqual([
        'User agents',
        ['All that contain “terraform”', 'terraform 1.10', 'terraform 1.9'],
      ])
      await option('terraform 1.9').click()
      await shows(3)
      await box().fill('curl')
      await box().press('Enter')
      await shows(6)
      expect(new URL(page.url()).searchParams.getAll('userAgents')).toEqual([
        'terraform/1.9',
        'curl/8.0',
      ])
      await page.getByRole('button', { name: 'Change to: User agent is not curl/8.0' }).click()
      await shows(3)
      expect(address()).toEqual({ userAgents: 'terraform/1.9', notUserAgents: 'curl/8.0' })
    })

    test('takes an ID as that of a principal or of a resource, and says when it matches neither', async () => {
      const find = async (text: string) => {
        await box().fill(text)
        await box().press('Enter')
        await settled()
      }
      await find(GONE)
      await shows(3)
      expect(address()).toEqual({ principalIds: GONE })
      await find(KEY)
      await shows(1)
      expect(address()).toEqual({ principalIds: GONE, resourceIds: KEY })
      await page.getByRole('button', { name: 'Clear all', exact: true }).click()
      await find(`${THEO}, ${ROBOT} ${KEY}`)
      await shows(2)
      expect(address()).toEqual({ principalIds: `${THEO},${ROBOT}`, resourceIds: KEY })
      await find(uuid(404))
      await refusal()
        .getByText(`Nothing found for “${uuid(404)}”.`)
        .waitFor()
      expect(await box().inputValue()).toBe(uuid(404))
    })

    test('suggests IP addresses by their beginning, takes several addresses and blocks, and excludes them', async () => {
      await box().fill('203.0.113.')
      await option('203.0.113.3').waitFor()
      expect((await suggestions()).map(([kind]) => kind)).toEqual(['IP addresses'])
      await option('203.0.113.3').click()
      await shows(3)
      await box().fill('203.0.113.1, 203.0.113.4/31')
      await box().press('Enter')
      await shows(9)
      expect(address()).toEqual({ ipAddresses: '203.0.113.3,203.0.113.1,203.0.113.4/31' })
      await page
        .getByRole('button', { name: 'Change to: IP address is not 203.0.113.4/31' })
        .click()
      await shows(4)
      expect(await chips()).toEqual([
        'RemoveIP address203.0.113.3×',
        'RemoveIP address203.0.113.1×',
        'RemoveIP address is not203.0.113.4/31×',
      ])
      const link = page.url()
      await page.goto('about:blank')
      await page.goto(link)
      await shows(4)
      await page.getByRole('button', { name: 'Change to: IP address 203.0.113.4/31' }).click()
      await shows(9)
    })

    test('reports an invalid IP address, and filters nothing until it is corrected', async () => {
      await box().fill('203.0.113.1 203.0.113.300')
      await box().press('Enter')
      await refusal().getByText('“203.0.113.300” is not an IP address.').waitFor()
      expect([await box().getAttribute('aria-invalid'), address()]).toEqual(['true', {}])
      await shows(12)
      await box().press('Backspace')
      expect(await refusal().textContent()).toBe('')
      await box().press('Enter')
      await shows(1)
    })
  })

  test('an invalid IP address in a link is reported by the page in the viewer’s language', async () => {
    const visit = await house.visit('?notIpAddresses=300.1.2.3', { locale: 'fr-FR' })
    ;({ page, faults, close } = visit)
    for (const part of ['.search', '.event-list']) {
      const alert = page.locator(part).getByRole('alert')
      await alert.getByText('« 300.1.2.3 » n’est pas une adresse IP.').waitFor()
    }
  })

  test('a viewer without a right to users finds none by name, the same as for a name that does not exist', async () => {
    await open('', await house.token(['AuditTrailReadOnly']))
    for (const text of ['theo', 'silva@example.com', 'nobody']) {
      await box().fill(text)
      await page.locator('.search').getByText('No suggestions').waitFor()
      await box().press('Enter')
      await refusal().getByText(`Nothing found for “${text}”.`).waitFor()
    }
    expect(address()).toEqual({})
  })

  describe('saved views', () => {
    const menu = (name = 'Saved views') =>
      page.locator('summary').and(page.getByLabel(name, { exact: true }))
    const panel = () => page.locator('.views-menu .panel')
    const saved = (name: string) => panel().getByRole('button', { name, exact: true })

    test('a view is saved under a name, opened by that name in the URL, changed, shared and deleted', async () => {
      const [mine, others] = [await house.token(['IAMReadOnly']), await house.token(['IAMManager'])]
      await open(`?principalIds=${THEO}&order=oldest`, mine)
      await menu().click()
      await page.getByLabel('Save this view as').fill('Théo first')
      await page.keyboard.press('Enter')
      await panel().getByText('“Théo first” is saved.').waitFor()
      expect(await violations(page)).toEqual([])
      await saved('Théo first').click()
      expect(address()).toEqual({ principalIds: THEO, order: 'oldest', view: 'Théo first' })
      await menu('Saved view: Théo first').waitFor()
      // The name alone is enough for a link.
      await page.goto(`${house.url}/?view=${encodeURIComponent('Théo first')}`)
      await shows(3)
      expect(address()).toEqual({ principalIds: THEO, order: 'oldest', view: 'Théo first' })

      await box().fill('zoe')
      await option('Zoë').click()
      await shows(6)
      await menu('Saved view: Théo first (changed)').click()
      await panel().getByRole('button', { name: 'Save the changes to “Théo first”' }).click()
      await menu('Saved view: Théo first').waitFor()
      await page.getByLabel('Save this view as').fill('THEO FIRST')
      await panel().getByRole('button', { name: 'Save', exact: true }).click()
      await panel().getByText('You already have a view with this name').waitFor()
      await panel().getByRole('button', { name: 'Share “Théo first”' }).click()
      await panel().getByText('Everyone in the Organization can now open “Théo first”.').waitFor()
      expect(faults).toEqual([])
      await close()

      await open('', others)
      await menu().click()
      await panel().getByRole('heading', { name: 'Shared with me' }).waitFor()
      await panel().getByRole('button', { name: 'Théo first by IAMReadOnly' }).click()
      await shows(6)
      expect(address()).toMatchObject({ principalIds: `${THEO},${ZOE}`, view: 'Théo first' })
      await menu('Saved view: Théo first').click()
      expect(await panel().getByRole('button', { name: 'Share “' }).count()).toBe(0)
      page.on('dialog', dialog => dialog.accept())
      await panel().getByRole('button', { name: 'Delete “Théo first”' }).click()
      await menu().waitFor()
      await panel().getByText('“Théo first” is deleted.').waitFor()
      expect(address()).not.toHaveProperty('view')
    })

    test('a saved view of another viewer cannot be opened, and looks the same as one that does not exist', async () => {
      const token = await house.token(['IAMReadOnly'])
      await open('?actions=DELETED')
      await menu().click()
      await page.getByLabel('Save this view as').fill('Mine alone')
      await page.keyboard.press('Enter')
      await panel().getByText('“Mine alone” is saved.').waitFor()
      await close()
      await open('', token)
      for (const name of ['Mine alone', 'Of nobody']) {
        await page.goto(`${house.url}/?view=${encodeURIComponent(name)}`)
        await page
          .getByText(
            `Saved view “${name}” not found. It may not exist, or it is not shared with you.`,
          )
          .waitFor()
        await shows(12)
        await menu().click()
        expect(await panel().getByRole('listitem').count()).toBe(0)
      }
    })
  })
})
