// A principal's page in a browser: what it did and what was done to it, as far as each viewer may see it. The pages of a
// hidden and of a removed principal differ only in the ID.

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { NIL_ID } from '../src/event.ts'
import { BROWSER_NOTE, HAS_BROWSER, openPageHouse, type PageHouse } from './support/browser.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'

const ADA = uuid(1)
const TERRAFORM = uuid(2)
const GONE = uuid(3)
const IDLE = uuid(4)
const NOBODY = uuid(5)
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'

describe.skipIf(!HAS_BROWSER)(`a principal’s page${BROWSER_NOTE}`, () => {
  let house: PageHouse
  let owner: string
  let auditor: string
  let page: Page
  let faults: string[] = []
  let lead: (search: string) => Promise<void>
  let signedIn: string

  beforeAll(async () => {
    house = await openPageHouse()
    owner = await house.token()
    auditor = await house.token(['AuditTrailReadOnly'])
    // Two principals with the same activity.
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
    await house.store.updateDirectory({
      ...{ ...lists, kind: 'user' },
      entries: [
        user({ id: ADA, type: 'owner', locked: true, lastLoginAt }),
        user({ id: IDLE, name: 'Never Acted', username: 'idle', mfa: null, type: 'member' }),
      ],
    })
    await house.store.updateDirectory({
      ...{ ...lists, kind: 'application' },
      entries: [application({ id: TERRAFORM, description: 'Builds what is' })],
    })
    signedIn = owner
    const options = { token: owner, clipboard: true }
    ;({ page, faults, lead } = await house.visit(`?principal=${ADA}&zone=utc`, options))
  })

  afterEach(() => expect(faults).toEqual([]))

  afterAll(() => house.close())

  /** Shows the page at this query string in the open tab, signed in with the token. */
  async function visit(search: string, token = owner): Promise<void> {
    await lead(search)
    if (token === signedIn) return
    signedIn = token
    await page.evaluate(`location.hash = '#token=${token}'`)
  }

  const heading = (name: string) => page.getByRole('heading', { level: 2, name }).waitFor()
  const figures = () => page.getByRole('region', { name: 'Activity summary' })

  /** The entries of the description list of facts. */
  const facts = (): Promise<Record<string, string>> =>
    page.evaluate(`Object.fromEntries([...document.querySelectorAll('.facts dl > div')]
      .map(row => [...row.children].map(cell => cell.innerText)))`)

  test('shows who a user is, its first and last activity, and its numbers of events by address and client', async () => {
    await visit(`?principal=${ADA}&zone=utc`)
    await heading('Ada Lovelace')
    expect(await facts()).toEqual({
      Username: 'ada',
      Email: 'ada@example.com',
      Role: 'Owner',
      'Multi-factor authentication': 'On',
      Locked: 'Yes',
      'Last sign-in': expect.stringMatching(/2026, 0?9:59:00/),
      'Member since': expect.stringContaining('2025'),
      'First activity': expect.stringMatching(/2026, 10:00:00/),
      'Last activity': expect.stringMatching(/2026, 12:00:00/),
    })
    await page.getByRole('button', { name: 'Copy ID' }).first().click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(ADA)
    await figures().getByText('3 events').waitFor()
    expect(await figures().getByRole('listitem').allInnerTexts()).toEqual([
      'Created 2',
      'Deleted 1',
      'API key 3',
    ])
    const rows = async (name: string) => {
      const table = figures().getByRole('table', { name })
      const texts = await table.locator('tbody').getByRole('row').allInnerTexts()
      return texts.map(text => text.split(/\s+/).join(' '))
    }
    expect(await rows('IP address')).toEqual([
      expect.stringMatching(/^192\.0\.2\.1 all principals.* 2 .*2026$/),
      expect.stringMatching(/^203\.0\.113\.9 all principals.* 1 .*2026$/),
    ])
    expect(await rows('Client')).toEqual([
      expect.stringMatching(/^Firefox 142 · Linux 2 .*2026$/),
      expect.stringMatching(/^no user agent 1 .*2026$/),
    ])
  })

  test('filters its events by a click on its figures, and Clear all removes these filters only', async () => {
    await visit(`?principal=${ADA}&principalIds=${GONE}`)
    const search = () => new URL(page.url()).searchParams
    const pressed = (name: string) => figures().getByRole('button', { name, pressed: true })
    await figures().getByRole('button', { name: '203.0.113.9' }).click()
    await pressed('203.0.113.9').waitFor()
    await figures().getByRole('button', { name: 'Deleted 1' }).click()
    await pressed('Deleted').waitFor()
    await figures().getByRole('button', { name: 'Firefox 142 · Linux' }).click()
    await pressed('Firefox').waitFor()
    expect(Object.fromEntries(search())).toEqual({
      principal: ADA,
      principalIds: GONE,
      actions: 'DELETED',
      ipAddresses: '203.0.113.9',
      userAgents: FIREFOX,
    })
    await page.getByRole('button', { name: `Remove User agent ${FIREFOX}` }).click()
    await page.getByRole('button', { name: 'Remove Action Deleted' }).click()
    await expect.poll(() => page.locator('.condition').count()).toBe(1)
    expect([...search().keys()].sort()).toEqual(['ipAddresses', 'principal', 'principalIds'])
    await page.getByRole('button', { name: 'Clear all', exact: true }).click()
    await expect.poll(() => page.locator('.condition').count()).toBe(0)
    expect([...search().keys()].sort()).toEqual(['principal', 'principalIds'])
  })

  test('links to the events of an address, to the changes to this principal, and to all events', async () => {
    await visit(`?principal=${ADA}&actions=CREATED`)
    const search = () => Object.fromEntries(new URL(page.url()).searchParams)
    await page.getByRole('link', { name: 'all principals (from 192.0.2.1)' }).click()
    await page.locator('.principal-page').waitFor({ state: 'hidden' })
    expect(search()).toEqual({ ipAddresses: '192.0.2.1' })
    await page.goBack()
    const done = page.getByRole('region', { name: 'Changes to this principal' })
    await done.getByRole('listitem').first().getByRole('link', { name: 'Scaleway' }).waitFor()
    expect(await done.getByRole('listitem').count()).toBe(5)
    await done.getByRole('link', { name: 'All changes to this principal' }).click()
    await page.locator('.principal-page').waitFor({ state: 'hidden' })
    expect(search()).toEqual({ resourceIds: ADA })
    await page.goBack()
    await page.getByRole('link', { name: 'All events' }).click()
    await page.locator('.principal-page').waitFor({ state: 'hidden' })
    expect(search()).toEqual({ actions: 'CREATED' })
  })

  test('exists for applications, for Scaleway, and for a user who never acted', async () => {
    const token = await house.token(['IAMReadOnly'])
    await visit(`?principal=${TERRAFORM}`, token)
    await heading('terraform')
    expect(await facts()).toMatchObject({
      Description: 'Builds what is',
      'Managed by Scaleway': 'No',
    })
    await page
      .getByRole('region', { name: 'Changes to this principal' })
      .getByRole('link', { name: 'Scaleway' })
      .click()
    await heading('Scaleway')
    await page.getByRole('button', { name: 'What is Scaleway?' }).first().click()
    await page.getByText('performed by Scaleway').first().waitFor()
    await visit(`?principal=${IDLE}`)
    await heading('Never Acted')
    await page.getByText('No activity recorded.').waitFor()
    expect(Object.keys(await facts())).not.toContain('Multi-factor authentication')
  })

  test('shows a viewer without a right to users the same for a member as for a removed user, except the ID', async () => {
    const pages = []
    for (const id of [ADA, GONE]) {
      await visit(`?principal=${id}`, auditor)
      await heading('Unknown')
      await figures().getByText('3 events').waitFor()
      expect(Object.keys(await facts())).toEqual(['First activity', 'Last activity'])
      await page.getByRole('button', { name: 'What is Unknown?' }).first().click()
      await page
        .getByText('It is not possible to know which of these is the case')
        .first()
        .waitFor()
      const text = await page.locator('.principal-page').ariaSnapshot()
      expect(text).not.toContain('Ada')
      // Events differ in their IDs.
      pages.push(text.replaceAll(id, 'ID').replaceAll(/e0000000-[\w-]+/g, 'EVENT'))
    }
    expect(pages[0]).toBe(pages[1])
  })

  test('says “not found” for an ID that does not exist, and the same for a hidden user who never acted', async () => {
    const lines = []
    for (const [id, token] of [
      [NOBODY, owner],
      [NOBODY, auditor],
      [IDLE, auditor],
    ] as const) {
      await visit(`?principal=${id}`, token)
      await page.getByText(`Principal ${id} not found`).waitFor()
      lines.push((await page.locator('main').innerText()).replaceAll(id, 'ID'))
    }
    const notice = 'Principal ID not found. It may not exist, or you may not have access to it.'
    expect(lines.map(line => line.split(/\n+/))).toEqual(lines.map(() => ['← All events', notice]))
  })

  test('is in French for a French browser, and fits the width of a phone', async () => {
    const options = { locale: 'fr-FR', width: 360 }
    const { page, close } = await house.visit(`?principal=${ADA}`, options)
    await page
      .getByRole('region', { name: 'Résumé de l’activité' })
      .getByText('3 événements')
      .waitFor()
    await page.getByText('Propriétaire').waitFor()
    const wide = await page.evaluate('document.documentElement.scrollWidth')
    expect(wide).toBe(360)
    await close()
  })
})
