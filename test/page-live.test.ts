// Live events on the Logs page. The test controls the server's streams and the page's clock: after which cursor the page
// resumes, when it gives up a silent stream, and where it shows an event.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../src/event.ts'
import { openApp, type TestApp } from './support/app.ts'
import {
  BROWSER_NOTE,
  HAS_BROWSER,
  openVisitors,
  type Visit,
  type Visitors,
} from './support/browser.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { type Door, heard, openDoor, type Told } from './support/page-door.ts'

const TIME = '2026-04-01T12:00:00Z'

/** An event with this resource number, this many microseconds after midnight. */
const made = (resource: number, micros: number, fields: Partial<Event> = {}) =>
  event({
    resourceId: uuid(resource),
    createdAt: at('2026-03-01T00:00:00Z') + micros,
    ...fields,
  })

describe.skipIf(!HAS_BROWSER)(`the stream of the Logs page${BROWSER_NOTE}`, () => {
  let behind: TestApp
  let door: Door
  let visitors: Visitors
  let token: string
  let visit: Visit
  let page: Page

  beforeAll(async () => {
    behind = await openApp()
    token = await behind.token()
    door = await openDoor(behind)
    visitors = await openVisitors(door.url)
  })

  afterAll(async () => {
    await visitors?.close()
    await door?.close()
    await behind?.store.close()
  })

  /** Opens the page at this query string, stops its clock and turns Live on; returns its stream. */
  async function open(search: string, options = {}): Promise<Told> {
    door.refuse = null
    visit = await visitors.visit(search, token, { time: TIME, ...options })
    page = visit.page
    await page.locator('tbody time').first().waitFor()
    await page.clock.pauseAt('2026-04-01T13:00:00Z')
    const before = door.streams.length
    await page.getByRole('button', { name: 'Live' }).click()
    return stream(before)
  }

  /** The stream of this number, once the page requests it; moves the clock by little. */
  async function stream(number: number): Promise<Told> {
    await expect
      .poll(async () => {
        await page.clock.runFor(10)
        return door.streams.length
      })
      .toBe(number + 1)
    return door.streams[number] as Told
  }

  /** Moves the clock until these rows are shown; in steps shorter than any delay tested here. */
  async function until(resources: readonly number[], count = resources.length): Promise<void> {
    await expect
      .poll(async () => {
        await page.clock.runFor(100)
        return (await shown()).slice(0, count)
      })
      .toEqual(resources.slice(0, count))
  }

  /** The numbers of the resources in the rows, in order. */
  async function shown(): Promise<number[]> {
    const texts = await page.locator('tbody tr .of-resource').allInnerTexts()
    return texts.map(text => Number.parseInt(text.slice(-12), 16))
  }

  const append = (events: readonly Event[]) => behind.store.append(events)

  beforeEach(() => {
    door.streams.length = 0
  })

  test('resumes after its last cursor without requesting the list again; the first stream has no cursor', async () => {
    const filter = { actions: ['CREATED'], userAgents: ['going-on'] }
    const [first, second, third] = [1, 2, 3].map(number =>
      made(number, number * 100, { userAgent: 'going-on' }),
    ) as [Event, Event, Event]
    await append([first])
    const opened = await open('?actions=CREATED&userAgent=going-on')
    expect(opened.variables).toEqual({ organizationId: ORGANIZATION, filter, after: null })
    expect(opened.token).toBe(token)
    // The first stream makes the page request what it may have missed; later events come by the stream.
    await expect
      .poll(async () => {
        await page.clock.runFor(100)
        const names = door.asked.map(({ name }) => name)
        const isAsked = names.slice(names.lastIndexOf('EventRecorded')).includes('Events')
        return isAsked && door.pending === 0
      })
      .toBe(true)
    await append([second, third])
    await opened.tell(second.id, 'cursor-2')
    opened.say(':\n\n')
    opened.say('id: cursor-2b\nevent: next\ndata:\n\n')
    opened.say('event: next\ndata:\n\n')
    await until([2, 1])
    const queries = await door.during(async () => {
      await heard(page)
      opened.cut()
      const again = await stream(1)
      expect(again.variables).toEqual({ organizationId: ORGANIZATION, filter, after: 'cursor-2b' })
      await again.tell(third.id, 'cursor-3')
      await until([3, 2, 1])
      await heard(page)
      again.cut()
      const last = await stream(2)
      expect(last.variables.after).toBe('cursor-3')
      last.cut()
      expect((await stream(3)).variables.after).toBe('cursor-3')
    })
    // New events make the page count its figures again.
    expect(queries.filter(name => name !== 'Figures' && name !== 'Coverage')).toEqual([
      ...['EventRecorded', 'EventRecorded', 'EventRecorded'],
    ])
    expect(await page.locator('tr.fresh').count()).toBe(2)
    await visit.close()
  })

  test('resumes from the first cursor it got if it delivered no event yet, and reconnects without growing delays', async () => {
    await append([made(1, 100, { userAgent: 'silent' })])
    const opened = await open('?userAgent=silent')
    for (const each of [
      opened,
      await next(opened, 1),
      await next(opened, 2),
      await next(opened, 3),
    ])
      expect(each.variables.after).toBe(each === opened ? null : 'cursor-1')
    await visit.close()

    async function next(first: Told, number: number): Promise<Told> {
      const before = door.streams[number - 1] ?? first
      before.say(`:\nid: cursor-${number}\n\n`)
      await heard(page)
      before.cut()
      await heard(page)
      await page.clock.runFor(300)
      await heard(page)
      return stream(number)
    }
  })

  test('is replaced by a new one after half a minute of silence; a heartbeat keeps it', async () => {
    await append([made(1, 100, { userAgent: 'silent' })])
    const living = await open('?userAgent=silent')
    for (let beat = 0; beat < 6; beat++) {
      living.say(':\n\n')
      await heard(page)
      await page.clock.runFor(12_000)
    }
    await heard(page)
    expect(door.streams.length).toBe(1)
    expect(living.isOpen).toBe(true)
    living.say(':\n\n')
    await heard(page)
    await page.clock.runFor(29_000)
    await heard(page)
    expect(door.streams.length).toBe(1)
    await page.clock.runFor(1_000)
    const next = await stream(1)
    await expect.poll(() => living.isOpen).toBe(false)
    // The same holds for a stream that never sent anything.
    await heard(page)
    await page.clock.runFor(29_000)
    expect(door.streams.length).toBe(2)
    await page.clock.runFor(1_000)
    await stream(2)
    await expect.poll(() => next.isOpen).toBe(false)
    await visit.close()
  })

  test('is retried with growing delays up to four seconds while the server fails, and at once after it delivered', async () => {
    await append([made(1, 100, { userAgent: 'patient' })])
    const opened = await open('?userAgent=patient')
    door.refuse = { status: 503, body: '' }
    const count = () => door.asked.filter(({ name }) => name === 'EventRecorded').length
    opened.cut()
    await heard(page)
    const tries: number[] = []
    let before = count()
    for (let second = 0; second < 24; second++) {
      for (let part = 0; part < 4; part++) {
        await page.clock.runFor(250)
        await heard(page)
      }
      tries.push(count() - before)
      before = count()
    }
    const sum = (from: number, to: number) => tries.slice(from, to).reduce((a, b) => a + b, 0)
    expect(sum(0, 4)).toBeGreaterThanOrEqual(2)
    expect(sum(0, 4)).toBeLessThanOrEqual(5)
    expect(sum(12, 24)).toBeGreaterThanOrEqual(2)
    expect(sum(12, 24)).toBeLessThanOrEqual(4)
    await page.getByText('The server is not responding').waitFor()
    door.refuse = null
    const number = door.streams.length
    await page.clock.runFor(4_000)
    const healed = await stream(number)
    await page.clock.runFor(100)
    await page.getByText('The server is not responding').waitFor({ state: 'detached' })
    // A stream that delivered something is requested again at once.
    healed.say('id: healed\nevent: next\ndata:\n\n')
    await heard(page)
    healed.cut()
    await stream(number + 1)
    await visit.close()
  })

  test('is not requested again after BAD_USER_INPUT, and the page says why in its own words', async () => {
    await append([made(1, 100, { userAgent: 'refused' })])
    const opened = await open('?userAgent=refused')
    const code = 'BAD_USER_INPUT'
    opened.say(
      `event: next\ndata: ${JSON.stringify({ errors: [{ message: 'that cursor is of another', extensions: { code } }] })}\n\n`,
    )
    await heard(page)
    await page.clock.runFor(1_000)
    await page.getByRole('alert').getByText('These filters are not valid.').waitFor()
    await page.clock.runFor(60_000)
    await heard(page)
    expect(door.streams.length).toBe(1)
    await visit.close()
  })

  test('is requested again after LIMIT_EXCEEDED, and the page shows no message', async () => {
    await append([made(1, 100, { userAgent: 'ended' })])
    const opened = await open('?userAgent=ended')
    opened.say(
      `event: next\ndata: ${JSON.stringify({ errors: [{ message: 'no more', extensions: { code: 'LIMIT_EXCEEDED' } }] })}\n\n`,
    )
    await heard(page)
    await page.clock.runFor(1_000)
    opened.cut()
    await stream(1)
    expect(await page.getByText('no more').count()).toBe(0)
    await visit.close()
  })

  test.each(['newest', 'oldest'])(
    'puts each event once in its place by microseconds, with the %s first',
    async order => {
      const userAgent = `placed-${order}`
      const of = (resource: number, micros: number, id: number) =>
        made(resource, micros, {
          userAgent,
          id: uuid(id, order === 'oldest' ? 'b0000001' : 'b0000002'),
        })
      // The order of the IDs is the opposite, except for the two of the same microsecond.
      const [low, middle, high] = [of(1, 500_100, 9), of(2, 500_200, 5), of(3, 500_300, 1)]
      const [twin, late] = [of(4, 500_200, 6), of(5, 400_000, 99)]
      await append([low, high])
      const opened = await open(
        `?userAgent=${userAgent}${order === 'oldest' ? '&order=oldest' : ''}`,
      )
      const inOrder = (...resources: number[]) =>
        order === 'oldest' ? resources : resources.reverse()
      await until(inOrder(1, 3))
      await append([middle, twin, late])
      await opened.tell(middle.id, 'a')
      await until(inOrder(1, 2, 3))
      await opened.tell(twin.id, 'b')
      await opened.tell(middle.id, 'b')
      await until(inOrder(1, 2, 4, 3))
      await opened.tell(late.id, 'c')
      await until(inOrder(5, 1, 2, 4, 3))
      expect(await page.locator('tr.fresh').count()).toBe(3)
      expect(await page.locator('.newcomers').count()).toBe(0)
      await page.clock.runFor(3_000)
      expect(await page.locator('p.hidden[role=status]').last().textContent()).toBe('3 new events')
      expect(visit.faults).toEqual([])
      await visit.close()
    },
  )

  test('does not move rows further down: a button shows new events at the head without requesting the list', async () => {
    const userAgent = 'reading'
    const many = Array.from({ length: 90 }, (_, number) => made(number, number, { userAgent }))
    await append(many)
    const opened = await open(`?userAgent=${userAgent}`, { height: 600 })
    await page.evaluate('scrollTo(0, 2000)')
    await page.clock.runFor(500)
    const top = () =>
      page.evaluate(
        "document.elementFromPoint(600, 300).closest('tr')?.querySelector('time').title",
      )
    // The browser may report scrolling late, and drawing then waits for the clock.
    await expect
      .poll(async () => {
        await page.clock.runFor(100)
        return top()
      })
      .toBeDefined()
    const read = await top()
    const news = [made(200, 5_000, { userAgent }), made(201, 6_000, { userAgent })]
    await append(news)
    for (const [number, { id }] of news.entries()) await opened.tell(id, `${number}`)
    await heard(page)
    const button = page.getByRole('button', { name: '2 new events' })
    await expect
      .poll(async () => {
        await page.clock.runFor(100)
        return button.count()
      })
      .toBe(1)
    expect(await top()).toBe(read)
    const queries = await door.during(async () => {
      await button.click()
      await until([201, 200, 89], 3)
    })
    expect(queries.filter(name => name === 'Events')).toEqual([])
    expect(await button.count()).toBe(0)
    expect(await page.locator('tr.fresh').count()).toBe(2)
    await visit.close()
  })

  test('makes the page count its figures again at most every five seconds', async () => {
    const userAgent = 'counted'
    const events = Array.from({ length: 12 }, (_, number) => made(number, number, { userAgent }))
    await append(events.slice(0, 1))
    const opened = await open(`?userAgent=${userAgent}`)
    await page.clock.runFor(10_000)
    await append(events.slice(1))
    const queries = await door.during(async () => {
      for (const [number, { id }] of events.slice(1).entries()) {
        await opened.tell(id, `${number}`)
        await heard(page)
        await page.clock.runFor(1_000)
      }
      await heard(page)
    })
    const figures = queries.filter(name => name === 'Figures').length
    expect(figures).toBeGreaterThanOrEqual(2)
    expect(figures).toBeLessThanOrEqual(3)
    await page.clock.runFor(5_000)
    await expect
      .poll(async () => {
        await page.clock.runFor(100)
        return page.locator('.histogram').getByRole('status').innerText()
      })
      .toBe('12 events')
    await visit.close()
  })

  test('ends when its filter changes, and when Live is turned off', async () => {
    await append([made(1, 100, { userAgent: 'ends' })])
    const opened = await open('?userAgent=ends')
    await page.getByRole('button', { name: 'Remove User agent ends' }).click()
    const other = await stream(1)
    await expect.poll(() => opened.isOpen).toBe(false)
    expect(other.variables).toEqual({ organizationId: ORGANIZATION, filter: {}, after: null })
    await page.getByRole('button', { name: 'Live' }).click()
    await page.clock.runFor(100)
    await expect.poll(() => other.isOpen).toBe(false)
    await page.clock.runFor(60_000)
    await heard(page)
    expect(door.streams.length).toBe(2)
    await visit.close()
  })
})
