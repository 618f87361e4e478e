// What one takes away from the Logs page, in a browser: files that are whole or not there, the view as a query that
// anybody can run, a link; and the doors around the page: its token, GraphiQL beside it, a server that comes and goes.

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { listen } from '../src/server/listen.ts'
import { EXPORT_FORMATS } from '../src/transfer/export-formats.ts'
import { openApp } from './support/app.ts'
import {
  BROWSER_NOTE,
  HAS_BROWSER,
  openPageHouse,
  openVisitors,
  type PageHouse,
} from './support/browser.ts'
import { event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { freePort } from './support/ports.ts'

const ADA = uuid(1)
const BOB = uuid(2)
const NEWEST = uuid(9)

describe.skipIf(!HAS_BROWSER)(`the Logs page${BROWSER_NOTE}`, () => {
  let house: PageHouse
  let owner: string
  let page: Page
  let faults: string[] = []
  let lead: (search: string) => Promise<void>

  beforeAll(async () => {
    house = await openPageHouse({ exports: { recheck: 0, mostOfViewer: 1 } })
    owner = await house.token()
    await house.store.append([
      ...[1, 2, 3].map(() => event({ principalId: ADA, userAgent: 'curl/8.1' })),
      event({ id: NEWEST, principalId: BOB, userAgent: '=HYPERLINK("x"),"y"', action: 'deleted' }),
    ])
    await house.store.nameOrganization({ id: ORGANIZATION, name: 'Analytical/Engines' })
    ;({ page, faults, lead } = await house.visit('', { token: owner, clipboard: true }))
  })

  afterEach(() => expect(faults.splice(0)).toEqual([]))

  afterAll(() => house.close())

  async function open(menu: string, on = page): Promise<void> {
    await on.locator('.menu summary').getByText(menu).click()
  }

  async function choose(menu: string, choice: string, on = page): Promise<void> {
    await open(menu, on)
    await on.locator('.menu[open]').getByText(choice, { exact: true }).click()
  }

  const signIn = (token: string) => page.evaluate(`location.hash = '#token=${token}'`)

  async function revoke(name: string): Promise<void> {
    const kept = (await house.store.tokens.list()).find(token => token.name === name)
    await house.store.tokens.revoke(kept?.id ?? '')
  }

  /** What the server gives at this path. */
  async function exported(path: string): Promise<string> {
    const answer = await house.fetch(`/export/${ORGANIZATION}${path}`, {
      headers: { 'x-auth-token': owner },
    })
    return answer.text()
  }

  /** The file is written where only this page sees it, once the page says so. */
  const onDisk = () =>
    page.evaluate(`window.released = new Promise(resolve => { window.release = resolve })
      window.showSaveFilePicker = async ({ suggestedName }) => {
        const folder = await navigator.storage.getDirectory()
        window.file = await folder.getFileHandle(suggestedName, { create: true })
        const { createWritable } = window.file
        window.file.createWritable = async () => {
          const disk = await createWritable.call(window.file)
          return {
            write: async chunk => { await window.released; await disk.write(chunk) },
            truncate: size => disk.truncate(size),
            close: () => disk.close(),
            abort: () => disk.abort(),
          }
        }
        return window.file
      }`)

  const names = () =>
    page.evaluate(`(async () => {
      const found = []
      for await (const name of (await navigator.storage.getDirectory()).keys()) found.push(name)
      return found
    })()`)

  describe('a download', () => {
    test('is what is shown, whole, in each format, from a browser that keeps it until then', async () => {
      const dates = 'createdAfter=2025-12-31T12:00:00Z&createdBefore=2026-01-31T23:00:00Z'
      await lead(`?userAgent=curl&${dates}`)
      await page.evaluate('delete window.showSaveFilePicker')
      for (const format of EXPORT_FORMATS) {
        const [name, ending] = [format.name.toUpperCase(), format.extension]
        const coming = page.waitForEvent('download')
        await choose('Download', name)
        const file = await coming
        expect(file.suggestedFilename()).toBe(
          `iam-logs_analytical-engines_2025-12-31_2026-01-31${ending}`,
        )
        const chunks = []
        for await (const chunk of await file.createReadStream()) chunks.push(chunk)
        const text = Buffer.concat(chunks).toString()
        // A person opens it in a spreadsheet.
        const more = name === 'CSV' ? '&for=spreadsheet' : ''
        expect(text.startsWith('\ufeff')).toBe(name === 'CSV')
        expect(text.replace('\ufeff', '')).toBe(
          await exported(`${ending}?userAgent=curl&trailer=no${more}`),
        )
        await page.getByText('Download complete: 3 events').waitFor()
        await page.getByRole('button', { name: 'Dismiss' }).click()
      }
    })

    test('goes to disk as it comes, of one principal on its page; oldest first, which is said where it differs', async () => {
      await lead(`?principal=${BOB}`)
      await onDisk()
      await page.evaluate('window.release()')
      await open('Download')
      await page.getByText('In the file, the oldest come first.').waitFor()
      await page.getByRole('button', { name: 'CSV' }).click()
      await page.getByText('Download complete: 1 event,').waitFor()
      const text = await page.evaluate('window.file.getFile().then(file => file.text())')
      expect(text).toBe(await exported(`.csv?principalIds=${BOB}&for=spreadsheet&trailer=no`))
      await page.evaluate('window.file.remove()')
    })

    test('that breaks off is said to be incomplete, and no file is left', async () => {
      await house.store.append(
        Array.from({ length: 8_000 }, () =>
          event({ organizationId: OTHER_ORGANIZATION, userAgent: 'x'.repeat(2_000) }),
        ),
      )
      const token = await house.token(['IAMReadOnly'], [OTHER_ORGANIZATION])
      await signIn(token)
      await lead('')
      await onDisk()
      await choose('Download', 'NDJSON')
      await page.getByText('Downloading…').waitFor()
      await revoke('IAMReadOnly')
      await page.evaluate('window.release()')
      await page.getByText(/interrupted after .*No file was saved/).waitFor()
      expect(await names()).toEqual([])
      await signIn(owner)
      faults.length = 0
    })

    test('is refused in the server’s words, or in those of the page where it knows why, can be cancelled, and is not whole without its last line', async () => {
      await lead('?ipAddresses=nowhere')
      await onDisk()
      await page.evaluate('window.release()')
      await choose('Download', 'CSV')
      await page.locator('.transfer').getByText('"nowhere"').waitFor()
      await lead('')
      const under = await house.fetch(`/export/${ORGANIZATION}.csv`, {
        headers: { 'x-auth-token': owner },
      })
      await choose('Download', 'CSV')
      await page.getByText('Too many downloads or requests are in progress').waitFor()
      await under.text()
      for (const [body, said] of [
        ['{"errors":[{"message":"no","extensions":{"code":"UNAVAILABLE"}}]}', 'cannot be read'],
        ['no JSON', 'The server is not responding'],
      ] as const) {
        await page.route('**/export/**', route => route.fulfill({ status: 503, body }))
        await choose('Download', 'CSV')
        await page.locator('.transfer').getByText(said).waitFor()
        await page.unroute('**/export/**')
      }
      await page.route('**/export/**', () => {})
      await choose('Download', 'CSV')
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByText('cancelled. No file was saved').waitFor()
      await page.route('**/export/**', route =>
        route.fulfill({ contentType: 'text/csv', body: 'id,created_at\r\n1,2026\r\n' }),
      )
      await choose('Download', 'CSV')
      await page.getByText('interrupted after').waitFor()
      expect(await names()).toEqual([])
      await page.unroute('**/export/**')
      // The console tells of each answer that refuses.
      expect(faults.splice(0).filter(fault => !fault.startsWith('Failed to load'))).toEqual([])
    })
  })

  test('a link is copied without the token, and shows a colleague the same', async () => {
    await lead('?userAgent=curl&zone=utc')
    await choose('Share', 'Copy link')
    await page.getByText('Link copied').waitFor()
    const link = await page.evaluate('navigator.clipboard.readText()')
    expect(link).toBe(`${house.url}/?userAgent=curl&zone=utc`)
  })

  test('a copy that the browser blocks is said to be none, also in French', async () => {
    for (const [locale, link, copy, said] of [
      ['en-GB', 'Copy link', 'Copy', 'Your browser blocked copying.'],
      ['fr-FR', 'Copier le lien', 'Copier', 'Votre navigateur a bloqué la copie.'],
    ] as const) {
      const script = `document.execCommand = () => false
        navigator.clipboard.writeText = () => Promise.reject(new DOMException('no'))`
      const { page, close } = await house.visit(`?event=${NEWEST}`, { locale, script })
      const details = page.locator('.event-details')
      await details.getByRole('button', { name: link }).click()
      await details.locator('header').getByRole('status').getByText(said).waitFor()
      await details.locator(`button[title^=${copy}]`).first().click()
      await details.locator('dd').getByRole('status').getByText(said).waitFor()
      await close()
    }
  })

  describe('as a query', () => {
    /** The query and the variables, as the page copies them. */
    async function copied(on = page): Promise<{ query: string; variables: object }> {
      // What was copied before is said for some seconds.
      await on.evaluate('navigator.clipboard.writeText("")')
      await choose('Share', 'Copy as GraphQL', on)
      await on.getByText('Query copied').waitFor()
      const clipboard = async () => String(await on.evaluate('navigator.clipboard.readText()'))
      await expect.poll(clipboard).not.toBe('')
      const text = await clipboard()
      const [, variables = ''] = text.split('# Variables:\n')
      return { query: text, variables: JSON.parse(variables.replaceAll(/^# /gm, '')) }
    }

    test('the view runs as it is, and answers with the events that are shown', async () => {
      await lead('?userAgent=curl&order=oldest')
      const { query, variables } = await copied()
      expect(query).toMatch(/^query EventsAsShown\(\n {2}\$organizationId: ID!\n/)
      const { data, errors } = await house.ask(query, variables)
      expect(errors).toBeUndefined()
      const shown = await house.ask(
        'query ($id: ID!) { organization(id: $id) { events(orderBy: CREATED_AT_ASC, filter: { userAgent: "curl" }) { nodes { eventId } } } }',
        { id: ORGANIZATION },
      )
      const ids = (nodes: { eventId: string }[]) => nodes.map(({ eventId }) => eventId)
      expect(ids(data.organization.events.nodes)).toEqual(ids(shown.data.organization.events.nodes))
      expect(data.organization.events.nodes).toHaveLength(3)
    })

    test('a principal’s page is that principal’s query, also where only persisted documents run', async () => {
      const strict = await openPageHouse({ persisted: new Map() })
      await strict.store.append([event({ principalId: BOB }), event({ principalId: ADA })])
      const { page: other, faults } = await strict.visit(`?principal=${BOB}`, { clipboard: true })
      await other.getByRole('heading', { level: 2, name: 'Unknown' }).waitFor()
      await other.getByRole('region', { name: 'Activity summary' }).getByText('1 event').waitFor()
      const { query, variables } = await copied(other)
      const { data } = await strict.ask(query, variables)
      expect(data.organization.events.nodes).toMatchObject([{ principal: { principalId: BOB } }])
      expect(faults).toEqual([])
      await strict.close()
    })

    test('opens in GraphiQL, in a tab of its own, with the token and out of the address', async () => {
      await lead('?userAgent=curl')
      const opening = page.waitForEvent('popup')
      await open('Share')
      await page.getByRole('link', { name: 'Open in GraphiQL' }).click()
      const graphiql = await opening
      await graphiql.getByRole('tab', { name: 'EventsAsShown', selected: true }).waitFor()
      expect(await graphiql.locator('.graphiql-tabs').getByRole('tab').count()).toBe(7)
      expect(graphiql.url()).toBe(`${house.url}/graphql`)
      const answering = graphiql.waitForResponse(answer =>
        (answer.request().postData() ?? '').includes('EventsAsShown'),
      )
      await graphiql.getByRole('button', { name: /execute query/i }).click()
      const { data } = await (await answering).json()
      expect(data.organization.events.nodes).toHaveLength(3)
      await graphiql.getByRole('link', { name: 'Logs' }).click()
      await graphiql.getByRole('link', { name: 'GraphiQL' }).waitFor()
      expect(graphiql.url()).toBe(`${house.url}/`)
      await graphiql.close()
    })

    test('what a stranger’s link holds is text there, and nothing runs', async () => {
      const asked: string[] = []
      page.on('request', request => asked.push(request.postData() ?? ''))
      const nasty =
        'query <img/src=x onerror=window.hit=1> { viewer { id } } # </script><script>window.hit=1</script>'
      const fragment = new URLSearchParams({
        query: nasty,
        variables: '{"a": "<svg/onload=window.hit=1>"',
      })
      await page.goto(`${house.url}/graphql#${fragment}`)
      await page
        .getByRole('region', { name: 'Operation Editor' })
        .getByText('onerror')
        .first()
        .waitFor()
      await page.getByRole('region', { name: 'Variables' }).getByText('onload').first().waitFor()
      expect(page.url()).toBe(`${house.url}/graphql`)
      // The same again, into a page that is there already.
      await page.evaluate(
        `location.hash = ${JSON.stringify(`#query=${encodeURIComponent('query Second { viewer { id } }')}`)}`,
      )
      await page.getByRole('tab', { name: 'Second', selected: true }).waitFor()
      expect(page.url()).toBe(`${house.url}/graphql`)
      expect(await page.evaluate('window.hit')).toBeUndefined()
      expect(asked.filter(body => body.includes('viewer'))).toEqual([])
    })
  })

  describe('and its doors', () => {
    /** Beside what GraphiQL kept in the same tab. */
    const stored = () =>
      page.evaluate(`[sessionStorage, localStorage].map(storage =>
        Object.keys(storage).filter(key => !key.startsWith('graphiql:')))`)

    test('the page asks for another token when one is revoked, in its own words, and accepts a new link', async () => {
      const token = await house.token(['IAMManager'])
      await page.goto(`${house.url}/?principal=${ADA}#token=${token}`)
      const count = page.getByRole('button', { name: 'Created 3' })
      await count.waitFor()
      expect(await stored()).toEqual([['iam-logs.token'], []])
      await revoke('IAMManager')
      await count.click()
      await page.getByText('The access token is not valid. It may be wrong').waitFor()
      expect(await stored()).toEqual([[], []])
      expect(await page.content()).not.toContain(ADA)
      await signIn(owner)
      await count.waitFor()
      expect(new URL(page.url()).hash).toBe('')
      await page.getByText('Settings').click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByLabel('Access token').waitFor()
      expect(await stored()).toEqual([[], []])
      // The console tells of the answer that refused.
      expect(faults.splice(0).filter(fault => !fault.startsWith('Failed to load'))).toEqual([])
    })

    test('in French, a revoked token is reported in French only', async () => {
      const token = await house.token(['AuditTrailReadOnly'])
      const { page, close } = await house.visit('', { token, locale: 'fr-FR' })
      const refresh = page.getByRole('button', { name: 'Actualiser' })
      await refresh.waitFor()
      await revoke('AuditTrailReadOnly')
      await refresh.click()
      const said = 'Le jeton d’accès n’est pas valide. Il peut être erroné, expiré ou révoqué.'
      await page.getByText(said).waitFor()
      expect(await page.getByRole('main').innerText()).not.toContain('access token')
      await close()
    })

    test('a server that goes is told of, and the page goes on by itself when it is back', async () => {
      const { app, store, token } = await openApp()
      await store.append([event({ principalId: ADA })])
      const port = await freePort()
      const first = await listen(app, '127.0.0.1', port)
      const visitors = await openVisitors(first.url)
      const { page } = await visitors.visit(`?principal=${ADA}`, await token())
      await page.getByRole('button', { name: 'Created 1' }).waitFor()
      await first.close()
      await page.getByRole('button', { name: 'Created 1' }).click()
      const notice = page.getByText('The server is not responding.')
      await notice.waitFor()
      await store.append([event({ principalId: ADA })])
      const again = createApp({ store, reportFault() {} })
      const second = await listen(again, '127.0.0.1', port)
      await page.getByRole('button', { name: 'Created 2' }).waitFor()
      await notice.waitFor({ state: 'hidden' })
      await visitors.close()
      await second.close()
      await store.close()
    })
  })
})
