// A principal's page in a browser: all that one did and what was done to it, told to each viewer as far as it may
// know. Who is hidden and who was removed have the same page but for the ID.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NIL_ID } from '../src/event.ts'
import { violations } from './support/axe.ts'
import { BROWSER_NOTE, HAS_BROWSER, openPageHouse, type PageHouse } from './support/browser.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/store-contract.ts'

const ADA = uuid(1)
const TERRAFORM = uuid(2)
const GONE = uuid(3)
const IDLE = uuid(4)
const NOBODY = uuid(5)
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'

describe.skipIf(!HAS_BROWSER)(`a principal’s page${BROWSER_NOTE}`, () => {
  let house: PageHouse
  let auditor: string

  beforeAll(async () => {
    house = await openPageHouse()
    auditor = await house.token(['AuditTrailReadOnly'])
    // Two who did the same, at the same times, in the same way.
    for (const principalId of [ADA, GONE]) {
      await house.store.append(
        [0, 1, 2].map(hour =>
          event({
            principalId,
            createdAt: at(`2026-03-01T1${hour}:00:00.000001Z`),
            action: hour === 2 ? 'deleted' : 'created',
            category: 'api_key',
            resourceId: `SCW0000000000000000${hour}`,
            ipAddress: hour === 2 ? '203.0.113.9' : '192.0.2.1',
            userAgent: hour === 2 ? null : FIREFOX,
          }),
        ),
      )
    }
    const made = (resourceId: string, category: string, minute: number) =>
      event({
        ...{ resourceId, category, principalId: NIL_ID },
        createdAt: at(`2026-02-01T10:0${minute}:00.000001Z`),
      })
    await house.store.append([
      ...[0, 1, 2, 3, 4, 5].flatMap(minute => [
        made(ADA, 'user', minute),
        made(GONE, 'user', minute),
      ]),
      made(TERRAFORM, 'application', 0),
      event({ principalId: TERRAFORM, ipAddress: '192.0.2.1' }),
    ])
    const lists = { organizationId: ORGANIZATION, complete: true }
    const lastLoginAt = at('2026-03-01T09:59:00Z')
    await house.store.describe({
      ...{ ...lists, kind: 'user' },
      entries: [
        user({ id: ADA, type: 'owner', locked: true, lastLoginAt }),
        user({ id: IDLE, name: 'Never Acted', username: 'idle', mfa: null, type: 'member' }),
      ],
    })
    await house.store.describe({
      ...{ ...lists, kind: 'application' },
      entries: [application({ id: TERRAFORM, description: 'Builds what is' })],
    })
  })

  afterAll(() => house.close())

  const heading = (page: Page, name: string) =>
    page.getByRole('heading', { level: 2, name }).waitFor()
  const figures = (page: Page) => page.getByRole('region', { name: 'All it did, in figures' })

  /** What stands in a description list, by its terms. */
  const facts = (page: Page): Promise<Record<string, string>> =>
    page.evaluate(`Object.fromEntries([...document.querySelectorAll('.facts dl > div')]
      .map(row => [...row.children].map(cell => cell.innerText)))`)

  test('tells who a user is, when it was seen, and how much it did from where with which clients', async () => {
    const { page, faults } = await house.visit(`?principal=${ADA}&zone=utc`, { clipboard: true })
    await heading(page, 'Ada Lovelace')
    expect(await facts(page)).toEqual({
      'User name': 'ada',
      'E-mail': 'ada@example.com',
      Standing: 'Owner',
      'Multi-factor authentication': 'On',
      'Locked out': 'Yes',
      'Last login': expect.stringMatching(/2026, 0?9:59:00/),
      'Member since': expect.stringContaining('2025'),
      'First seen': expect.stringMatching(/2026, 10:00:00/),
      'Last seen': expect.stringMatching(/2026, 12:00:00/),
    })
    await page.getByRole('button', { name: 'Copy ID' }).first().click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(ADA)
    await figures(page).getByText('3 events').waitFor()
    expect(await figures(page).getByRole('listitem').allInnerTexts()).toEqual([
      'Created 2',
      'Deleted 1',
      'API key 3',
    ])
    const rows = async (name: string) => {
      const table = figures(page).getByRole('table', { name })
      const texts = await table.locator('tbody').getByRole('row').allInnerTexts()
      return texts.map(text => text.split(/\s+/).join(' '))
    }
    expect(await rows('Address')).toEqual([
      expect.stringMatching(/^192\.0\.2\.1 who else\?.* 2 .*2026$/),
      expect.stringMatching(/^203\.0\.113\.9 who else\?.* 1 .*2026$/),
    ])
    expect(await rows('Client')).toEqual([
      expect.stringMatching(/^Firefox 142 · Linux 2 .*2026$/),
      expect.stringMatching(/^no user agent 1 .*2026$/),
    ])
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('its figures filter what it did, and one click shows all of it again', async () => {
    const { page, faults } = await house.visit(`?principal=${ADA}&principalIds=${GONE}`)
    const search = () => new URL(page.url()).searchParams
    const pressed = (name: string) => figures(page).getByRole('button', { name, pressed: true })
    await figures(page).getByRole('button', { name: '203.0.113.9' }).click()
    await pressed('203.0.113.9').waitFor()
    await figures(page).getByRole('button', { name: 'Deleted 1' }).click()
    await pressed('Deleted').waitFor()
    await figures(page).getByRole('button', { name: 'Firefox 142 · Linux' }).click()
    await pressed('Firefox').waitFor()
    expect(Object.fromEntries(search())).toEqual({
      principal: ADA,
      principalIds: GONE,
      actions: 'DELETED',
      ipAddress: '203.0.113.9',
      userAgent: FIREFOX,
    })
    await page.getByRole('button', { name: `Without the filter: “${FIREFOX}”` }).click()
    await page.getByRole('button', { name: 'Without the filter: Deleted' }).click()
    await page.getByText('Shown is only:').waitFor()
    expect([...search().keys()].sort()).toEqual(['ipAddress', 'principal', 'principalIds'])
    await page.getByRole('button', { name: 'Show all it did' }).click()
    await page.getByText('Shown is only:').waitFor({ state: 'hidden' })
    expect([...search().keys()].sort()).toEqual(['principal', 'principalIds'])
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('who else was seen at an address, what was done to it, and the whole log are a click away', async () => {
    const { page, faults } = await house.visit(`?principal=${ADA}&actions=CREATED`)
    const search = () => Object.fromEntries(new URL(page.url()).searchParams)
    await page.getByRole('link', { name: 'who else? (at 192.0.2.1)' }).click()
    await page.locator('.principal-page').waitFor({ state: 'hidden' })
    expect(search()).toEqual({ ipAddress: '192.0.2.1' })
    await page.goBack()
    const done = page.getByRole('region', { name: 'What was done to it' })
    await done.getByRole('listitem').first().getByRole('link', { name: 'Scaleway' }).waitFor()
    expect(await done.getByRole('listitem').count()).toBe(5)
    await done.getByRole('link', { name: 'All that was done to it' }).click()
    await page.locator('.principal-page').waitFor({ state: 'hidden' })
    expect(search()).toEqual({ resourceIds: ADA })
    await page.goBack()
    await page.getByRole('link', { name: 'All events' }).click()
    await page.locator('.principal-page').waitFor({ state: 'hidden' })
    expect(search()).toEqual({ actions: 'CREATED' })
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('applications, Scaleway and who never acted have pages too', async () => {
    const token = await house.token(['IAMReadOnly'])
    const { page, faults } = await house.visit(`?principal=${TERRAFORM}`, { token })
    await heading(page, 'terraform')
    expect(await facts(page)).toMatchObject({
      Description: 'Builds what is',
      'Managed by Scaleway': 'No',
    })
    await page
      .getByRole('region', { name: 'What was done to it' })
      .getByRole('link', { name: 'Scaleway' })
      .click()
    await heading(page, 'Scaleway')
    await page.getByRole('button', { name: 'What is Scaleway?' }).first().click()
    await page.getByText('Scaleway itself did this').first().waitFor()
    const { page: idle } = await house.visit(`?principal=${IDLE}`)
    await heading(idle, 'Never Acted')
    await idle.getByText('It did nothing so far.').waitFor()
    expect(Object.keys(await facts(idle))).not.toContain('Multi-factor authentication')
    expect(faults).toEqual([])
    await page.context().close()
    await idle.context().close()
  })

  test('who may see events alone finds a member’s page the same as that of somebody removed, but for the ID', async () => {
    const pages = []
    for (const id of [ADA, GONE]) {
      const { page, faults } = await house.visit(`?principal=${id}`, { token: auditor })
      await heading(page, 'Unknown')
      await figures(page).getByText('3 events').waitFor()
      expect(Object.keys(await facts(page))).toEqual(['First seen', 'Last seen'])
      await page.getByRole('button', { name: 'What is Unknown?' }).first().click()
      await page.getByText('Which of these it is cannot be told').first().waitFor()
      const text = await page.locator('.principal-page').ariaSnapshot()
      expect(text).not.toContain('Ada')
      // Events differ in their IDs.
      pages.push(text.replaceAll(id, 'ID').replaceAll(/e0000000-[\w-]+/g, 'EVENT'))
      expect(faults).toEqual([])
      await page.context().close()
    }
    expect(pages[0]).toBe(pages[1])
  })

  test('of an ID that names nobody there is one line, and the same of somebody hidden who did nothing', async () => {
    const lines = []
    for (const [id, token] of [
      [NOBODY, undefined],
      [NOBODY, auditor],
      [IDLE, auditor],
    ] as const) {
      const { page, faults } = await house.visit(
        `?principal=${id}`,
        token === undefined ? {} : { token },
      )
      await page.getByText('Nobody with the ID').waitFor()
      lines.push((await page.locator('main').innerText()).replaceAll(id, 'ID'))
      expect(faults).toEqual([])
      await page.context().close()
    }
    const said = 'Nobody with the ID ID acted here, or is a principal that you may see.'
    expect(lines.map(line => line.split(/\n+/))).toEqual(lines.map(() => ['← All events', said]))
  })

  test('axe finds nothing wrong with it, in light and in dark', async () => {
    const { page } = await house.visit(`?principal=${ADA}&ipAddress=192.0.2.1&last=365d`)
    await figures(page).getByText('3 events').waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page)).toEqual([])
    }
    await page.context().close()
  })

  test('speaks French, and fits a phone', async () => {
    const { page } = await house.visit(`?principal=${ADA}`, { locale: 'fr-FR', width: 360 })
    await page
      .getByRole('region', { name: 'Toutes ses actions, en chiffres' })
      .getByText('3 événements')
      .waitFor()
    await page.getByText('Propriétaire').waitFor()
    const wide = await page.evaluate('document.documentElement.scrollWidth')
    expect(wide).toBe(360)
    await page.context().close()
  })
})
