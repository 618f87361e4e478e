// The list of events of the Logs page in a browser: its columns, its order, what a click does, one event's details, live
// events while the server restarts, and thousands of rows.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatInstant } from '../src/instant.ts'
import { listen } from '../src/server/listen.ts'
import { blockOf } from '../src/web/logs/parts/texts.ts'
import { openApp } from './support/app.ts'
import { violations } from './support/axe.ts'
import {
  BROWSER_NOTE,
  HAS_BROWSER,
  openPageHouse,
  openVisitors,
  type PageHouse,
  type Visit,
} from './support/browser.ts'
import { temporaryFolder } from './support/command.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { application, user } from './support/people.ts'
import { freePort } from './support/ports.ts'

const SCALEWAY = '00000000-0000-0000-0000-000000000000'
const ADA = user({ id: uuid(1), name: 'Ada Lovelace' })
const ROBOT = application({ id: uuid(2), name: 'deployer' })

/** The loaded rows. */
function rows(page: Page): Locator {
  return page.locator('tbody tr:not(.waiting)')
}

function cell(page: Page, row: number, column: string): Locator {
  return rows(page).nth(row).locator(column)
}

test.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['::ffff:192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['somewhere', null],
])('the details of an event from %s offer the events of its block %s', (address, block) => {
  expect(blockOf(address)).toBe(block)
})

describe.skipIf(!HAS_BROWSER)(`the list of events${BROWSER_NOTE}`, () => {
  let house: PageHouse
  let visit: Visit
  let page: Page
  const key = { category: 'api_key', resourceId: 'SCW00000000000000001' } as const
  const events = [
    event({ principalId: SCALEWAY, category: 'group', ipAddress: '2001:db8::7' }),
    event({ principalId: uuid(3), action: 'deleted', resourceId: uuid(9) }),
    event({ principalId: ROBOT.id, ...key, userAgent: 'scaleway-cli/2.34.0 (linux; amd64)' }),
    event({ principalId: ADA.id, action: 'updated', category: 'policy', resourceId: uuid(8) }),
    event({ principalId: ADA.id, action: 'frobbed', category: 'gizmo', ipAddress: null }),
  ]

  beforeAll(async () => {
    house = await openPageHouse()
    const listing = { organizationId: ORGANIZATION, complete: true }
    await house.store.updateDirectory({ ...listing, kind: 'user', entries: [ADA] })
    await house.store.updateDirectory({ ...listing, kind: 'application', entries: [ROBOT] })
    await house.store.append(events)
    visit = await house.visit('', { width: 1600, clipboard: true })
    page = visit.page
  })

  afterAll(async () => {
    expect(visit?.faults).toEqual([])
    await house?.close()
  })

  test('shows date, action, category, resource, principal, address and client, newest first', async () => {
    await rows(page).nth(4).waitFor()
    expect(await page.getByRole('columnheader').allInnerTexts()).toEqual([
      ...['Date ↓', 'Action', 'Category', 'Resource', 'Principal', 'From', 'Details'],
    ])
    expect(await rows(page).nth(2).getByRole('gridcell').allInnerTexts()).toEqual([
      expect.stringMatching(/2026, 0?1:00:00/),
      ...['Created', 'API key', key.resourceId],
      ...['deployer', '192.0.2.1\nscaleway-cli 2.34.0', '›'],
    ])
    expect(await cell(page, 0, '.of-action').innerText()).toBe('frobbed')
    expect(await cell(page, 3, '.principal').innerText()).toBe(`Unknown 10000000…`)
    expect(await cell(page, 4, '.principal').innerText()).toBe('Scaleway')
    expect(await cell(page, 0, 'time').getAttribute('title')).toMatch(
      /01:00:00\.\d{6} .*(GMT\+1|CET)/,
    )
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('6')
    expect(await violations(page)).toEqual([])
  })

  test('is sorted oldest first by a click on Date', async () => {
    await page.getByRole('columnheader', { name: 'Date' }).getByRole('button').click()
    await page.locator('th[aria-sort="ascending"]').waitFor()
    await expect.poll(() => cell(page, 0, '.principal').innerText()).toBe('Scaleway')
    expect(page.url()).toContain('order=oldest')
    await page.goBack()
    await expect.poll(() => cell(page, 0, '.of-action').innerText()).toBe('frobbed')
  })

  test.each([
    ['an action', '.of-action button', 2, `actions=CREATED`, 2],
    ['a category', '.of-category button', 1, 'categories=POLICY', 1],
    ['a resource', '.of-resource button', 2, `resourceIds=${key.resourceId}`, 1],
    ['an IP address', '.of-from button', 2, 'ipAddresses=192.0.2.1', 3],
    ['the filter button of a principal', '.of-principal .only', 1, `principalIds=${ADA.id}`, 2],
  ] as const)('is filtered by a click on %s', async (_, what, row, search, left) => {
    await rows(page).nth(4).waitFor()
    await rows(page).nth(row).hover()
    await cell(page, row, what).click()
    await expect.poll(() => rows(page).count()).toBe(left)
    expect(page.url()).toContain(search)
    await page.goBack()
    await rows(page).nth(4).waitFor()
  })

  test("a click on a principal's name opens its page", async () => {
    await cell(page, 1, '.principal a').click()
    expect(page.url()).toContain(`principal=${ADA.id}`)
    await page.goBack()
    await rows(page).nth(4).waitFor()
  })

  test("details of an event on a principal's page lead to all events from its address, of every principal", async () => {
    const shown = await house.visit(`?principal=${ROBOT.id}&event=${events[2]?.id}`)
    await shown.page.getByRole('dialog').getByText('Events from this address').click()
    await expect.poll(() => rows(shown.page).count()).toBe(3)
    expect(shown.page.url()).not.toContain('principal=')
    await shown.page.context().close()
  })

  test('says that no events match, and Clear filters shows all events again', async () => {
    await page.evaluate(
      "history.pushState(null, '', '?userAgent=nobody'), dispatchEvent(new PopStateEvent('popstate'))",
    )
    await page.getByText('No events match.').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await rows(page).nth(4).waitFor()
  })

  test('by keyboard, arrows move between rows, Enter opens the details, Escape returns to the row', async () => {
    await page.locator('tbody [tabindex="0"]').focus()
    for (const press of [
      'Control+Home',
      'ArrowDown',
      'ArrowDown',
      'End',
      'Home',
      'ArrowUp',
      'Enter',
    ]) {
      await page.keyboard.press(press)
    }
    const dialog = page.getByRole('dialog', { name: 'Event' })
    await dialog.getByText(events[3]?.id ?? '').waitFor()
    await dialog.getByRole('button', { name: 'Next event in the list' }).click()
    await dialog.getByText('scaleway-cli/2.34.0 (linux; amd64)').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    const focused = page.locator('tr:has(:focus)')
    expect(await focused.locator('.of-category').innerText()).toBe('Policy')
    expect(page.url()).not.toContain('event=')
  })

  test('the hint that explains Unknown is opened and closed by keyboard', async () => {
    await cell(page, 3, '.date').focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Event' })
    const hint = dialog.getByRole('button', { name: 'What is Unknown?' })
    await hint.waitFor()
    const focused = hint.and(page.locator(':focus'))
    for (let press = 0; press < 20 && (await focused.count()) === 0; press++)
      await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const text = dialog.getByRole('note')
    await text.waitFor()
    expect(await text.innerText()).toMatch(/left the Organization.*hidden from you/i)
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await text.waitFor({ state: 'hidden' })
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.locator('tr[data-index="3"] .date:focus').waitFor()
  })

  test('a link to an event opens its details beside the list, from which values and the link are copied', async () => {
    const { page, faults } = await house.visit(`?event=${events[0]?.id}`, { clipboard: true })
    const dialog = page.getByRole('dialog')
    await dialog.getByText('2001:db8::7').first().waitFor()
    const facts = (await dialog.innerText()).replaceAll(/\s+/g, ' ')
    expect(facts).toMatch(/2026, 01:00:00\.\d{6}/)
    expect(facts).toContain(formatInstant(events[0]?.createdAt ?? at('2026-01-01T00:00:00Z')))
    expect(facts).toContain('Events from 2001:db8:0:0::/64')
    expect(facts).toContain('curl 8.0 curl/8.0')
    await dialog.getByRole('button', { name: 'What is Scaleway?' }).click()
    await dialog.getByText('performed by Scaleway').waitFor()
    await page.keyboard.press('Escape')
    await dialog.getByRole('button', { name: 'Copy principal ID' }).click()
    await dialog.getByText('Copied', { exact: true }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(SCALEWAY)
    await dialog.getByRole('button', { name: 'Copy link' }).click()
    await dialog.getByRole('button', { name: 'Link copied' }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(page.url())
    // In a wide window the list stays usable beside the details, which follow the clicked row.
    await page.locator('tr[data-index="1"] time').click()
    await dialog.getByText(events[3]?.id ?? '').waitFor()
    expect(await page.locator('tr[aria-current="true"]').getAttribute('data-index')).toBe('1')
    await page.mouse.click(5, 300)
    expect(await dialog.isVisible()).toBe(true)
    // In a narrow window the details lie over the list, and a click beside them closes them.
    await page.setViewportSize({ width: 900, height: 900 })
    await page.locator('dialog:modal').waitFor()
    await page.mouse.click(5, 5)
    await dialog.waitFor({ state: 'hidden' })
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('a link to an event that does not exist says that it was not found', async () => {
    const { page, faults } = await house.visit(`?event=${uuid(77)}`, { dark: true, width: 390 })
    await page.getByText('Event not found.').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await rows(page).nth(4).waitFor()
    expect(await violations(page)).toEqual([])
    expect(faults).toEqual([])
    await page.context().close()
  })
})

describe.skipIf(!HAS_BROWSER)(`live events${BROWSER_NOTE}`, () => {
  test('appear marked as new, also after a restart of the server, without moving rows further down', async () => {
    using folder = temporaryFolder()
    const file = `${folder.path}/log.db`
    const first = await openApp({ file })
    await first.store.append(Array.from({ length: 300 }, () => event()))
    const port = await freePort()
    let server = await listen(first.app, '127.0.0.1', port)
    const visitors = await openVisitors(server.url)
    const { page } = await visitors.visit('?live=yes', await first.token())
    await rows(page).nth(10).waitFor()
    await page.getByRole('button', { name: 'Live', pressed: true }).waitFor()

    const late = event({ createdAt: at('2025-12-01T00:00:00Z'), action: 'deleted' })
    const early = [event({ resourceId: uuid(1001) }), event({ resourceId: uuid(1002) })]
    await first.store.append([...early, late])
    await page.locator('tr.fresh').nth(1).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await cell(page, 0, '.of-resource').innerText()).toBe(uuid(1002))
    expect(await cell(page, 0, '.new').innerText()).toBe('New')

    // An event recorded while the server is away appears after it is back.
    await server.close()
    const missed = event({ resourceId: uuid(1003) })
    await first.store.append([missed])
    await page.getByText('The server is not responding').waitFor()
    const second = await openApp({ file })
    server = await listen(second.app, '127.0.0.1', port)
    await expect.poll(() => cell(page, 0, '.of-resource').innerText()).toBe(uuid(1003))
    expect(await page.locator('tr.fresh').count()).toBe(3)

    await page.evaluate(scrollToRow(80))
    const reading = page.locator('tr[data-index="80"] .of-resource')
    await reading.waitFor()
    const before = await reading.innerText()
    await second.store.append([event(), event()])
    const button = page.getByRole('button', { name: '2 new events' })
    await button.waitFor()
    expect(await reading.innerText()).toBe(before)
    await button.click()
    await page.locator('tr[data-index="0"].fresh').waitFor()
    await expect.poll(() => page.locator('tr.fresh').count()).toBe(5)
    await visitors.close()
    await server.close()
    await second.store.close()
    await first.store.close()
  })

  test('appear again after each broken connection, thousands at once, until the token is revoked', async () => {
    const behind = await openApp({ streams: { life: 1_500, recheck: 100 } })
    await behind.store.append(Array.from({ length: 300 }, () => event()))
    const server = await listen(behind.app, '127.0.0.1', 0)
    const wire = await openWire(Number(new URL(server.url).port))
    const visitors = await openVisitors(wire.url)
    const { page } = await visitors.visit('?live=yes', await behind.token())
    const newest = () => cell(page, 0, '.of-resource').innerText()
    await rows(page).nth(10).waitFor()

    for (const name of [uuid(2001), uuid(2002), uuid(2003)]) {
      wire.cut()
      await behind.store.append([event({ resourceId: name })])
      await expect.poll(newest).toBe(name)
    }
    expect(await page.locator('tr.fresh').count()).toBe(3)

    await page.evaluate(scrollToRow(80))
    const reading = page.locator('tr[data-index="80"] .of-resource')
    await reading.waitFor()
    const before = await reading.innerText()
    const count = LONG ? 5_000 : 1_500
    const many = Array.from({ length: count }, () => event())
    await behind.store.append(many)
    const button = page.getByRole('button', { name: `${count.toLocaleString('en')} new events` })
    await button.waitFor()
    expect(await reading.innerText()).toBe(before)
    await button.click()
    await expect.poll(newest).toBe(many.at(-1)?.resourceId)
    await page.locator('tr[data-index="0"].fresh').waitFor()

    for (const { id } of await behind.store.tokens.list()) await behind.store.tokens.revoke(id)
    await page.getByLabel('Access token').waitFor()
    expect(await rows(page).count()).toBe(0)
    await visitors.close()
    wire.close()
    await server.close()
    await behind.store.close()
  })
})

describe.skipIf(!HAS_BROWSER)(`a list of thousands of events${BROWSER_NOTE}`, () => {
  const MANY = LONG ? 20_000 : 3_400

  test('is scrolled to its end: each page is requested once, few rows are drawn, focus and position are kept', async () => {
    const house = await openPageHouse()
    const all = Array.from({ length: MANY }, () => event())
    await house.store.append(all)
    const { page, faults } = await house.visit('', { height: 600 })
    await rows(page).nth(10).waitFor()
    const cursors: string[] = []
    page.on('request', request => {
      const body = request.postData() ?? ''
      if (/query Events\(/.test(body)) cursors.push(JSON.parse(body).variables.after)
    })
    expect(await page.evaluate<number>(scrollThrough(MANY))).toBeLessThan(1_500)
    expect(new Set(cursors).size).toBe(cursors.length)
    expect(cursors.length).toBeLessThan(MANY / 100)
    await page.getByText('End of the list').waitFor()
    expect(await rows(page).last().locator('.of-resource').innerText()).toBe(all[0]?.resourceId)

    // Pages dropped meanwhile are loaded again, in their place.
    await page.evaluate('scrollTo(0, 0)')
    await page
      .locator('tr[data-index="0"] .of-resource')
      .getByText(all.at(-1)?.resourceId ?? '')
      .waitFor()

    // The focus stays on its row, however far away it is scrolled.
    await page.locator('tr[data-index="0"] .date').focus()
    await page.evaluate(scrollToRow(2500))
    await page.locator('tr[data-index="2500"] time').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.locator('tr[data-index="1"] .date:focus').waitFor()
    await page.keyboard.press('Control+End')
    await page.locator(`tr[data-index="${MANY - 1}"] .date:focus`).waitFor()

    // Back from a principal's page, the list keeps its position and the link its focus.
    const link = page.locator(`tr[data-index="${MANY - 8}"] .principal a`)
    const was = await link.boundingBox()
    await link.click()
    await page.getByRole('link', { name: 'All events' }).waitFor()
    await page.goBack()
    await page.locator(`tr[data-index="${MANY - 8}"] .principal a:focus`).waitFor()
    await expect.poll(() => link.boundingBox()).toEqual(was)
    expect(faults).toEqual([])
    await house.close()
  })
})

/** A script that scrolls the row to the middle of the window. */
function scrollToRow(index: number): string {
  return `(() => {
    const body = document.querySelector('table tbody')
    const height = Number.parseFloat(getComputedStyle(body).getPropertyValue('--row'))
    const top = body.getBoundingClientRect().top + scrollY
    scrollTo(0, top + ${index} * height - innerHeight / 2)
  })()`
}

/** A script that scrolls to the end, waiting for the rows each time; its result is the largest number of DOM nodes. */
const scrollThrough = (count: number) => `(async () => {
  let most = 0
  for (;;) {
    scrollBy(0, 6600)
    let row = null
    while (!row?.querySelector('time')) {
      await new Promise(requestAnimationFrame)
      row = document.elementFromPoint(600, 450)?.closest('tr')
      if (document.querySelector('tr[data-index="${count - 1}"] time')) return most
    }
    most = Math.max(most, document.querySelectorAll('*').length)
  }
})()`

/** A TCP proxy to the server at this port, whose connections can be cut. */
async function openWire(port: number) {
  const sockets = new Set<Socket>()
  const wire = createServer(near => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>(resolve => wire.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    url: `http://127.0.0.1:${(wire.address() as AddressInfo).port}`,
    /** Resets all open connections. */
    cut,
    close() {
      wire.close()
      cut()
    },
  }
}
