// The Logs page in a browser: downloads, which are complete or leave no file, the view as a GraphQL query, and links;
// also revoked tokens, GraphiQL, and a server that stops and comes back.

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

  /** The server's export at this path. */
  async function exported(path: string): Promise<string> {
    const answer = await house.fetch(`/export/${ORGANIZATION}${path}`, {
      headers: { 'x-auth-token': owner },
    })
    return answer.text()
  }

  /** Makes the page save files in its own private storage, where it writes after `window.release()`. */
  const saveToPrivateStorage = () =>
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

  /** The names of the files in that storage. */
  const savedFiles = () =>
    page.evaluate(`(async () => {
      const found = []
      for await (const name of (await navigator.storage.getDirectory()).keys()) found.push(name)
      return found
    })()`)

  describe('a download', () => {
    test('has the events of the view in each format, in a browser that cannot write to disk directly', async () => {
      const dates = 'createdAfter=2025-12-31T12:00:00Z&createdBefore=2026-01-31T23:00:00Z'
      await lead(`?userAgent=curl&${dates}`)
      await page.evaluate('delete window.showSaveFilePicker')
      for (const format of EXPORT_FORMATS) {
        const [name, ending] = [format.name.toUpperCase(), format.extension]
        const downloading = page.waitForEvent('download')
        await choose('Download', name)
        const file = await downloading
        expect(file.suggestedFilename()).toBe(
          `iam-logs_analytical-engines_2025-12-31_2026-01-31${ending}`,
        )
        const chunks = []
        for await (const chunk of await file.createReadStream()) chunks.push(chunk)
        const text = Buffer.concat(chunks).toString()
        // The page requests CSV for spreadsheets.
        const more = name === 'CSV' ? '&for=spreadsheet' : ''
        expect(text.startsWith('\ufeff')).toBe(name === 'CSV')
        expect(text.replace('\ufeff', '')).toBe(
          await exported(`${ending}?userAgent=curl&trailer=no${more}`),
        )
        await page.getByText('Download complete: 3 events').waitFor()
        await page.getByRole('button', { name: 'Dismiss' }).click()
      }
    })

    test('on a principal’s page has that principal’s events, goes to disk directly, and says that the oldest come first', async () => {
      await lead(`?principal=${BOB}`)
      await saveToPrivateStorage()
      await page.evaluate('window.release()')
      await open('Download')
      await page.getByText('In the file, the oldest come first.').waitFor()
      await page.getByRole('button', { name: 'CSV' }).click()
      await page.getByText('Download complete: 1 event,').waitFor()
      const text = await page.evaluate('window.file.getFile().then(file => file.text())')
      expect(text).toBe(await exported(`.csv?principalIds=${BOB}&for=spreadsheet&trailer=no`))
      await page.evaluate('window.file.remove()')
    })

    test('that is interrupted is reported, and leaves no file', async () => {
      await house.store.append(
        Array.from({ length: 8_000 }, () =>
          event({ organizationId: OTHER_ORGANIZATION, userAgent: 'x'.repeat(2_000) }),
        ),
      )
      const token = await house.token(['IAMReadOnly'], [OTHER_ORGANIZATION])
      await signIn(token)
      await lead('')
      await saveToPrivateStorage()
      await choose('Download', 'NDJSON')
      await page.getByText('Downloading…').waitFor()
      await revoke('IAMReadOnly')
      await page.evaluate('window.release()')
      await page.getByText(/interrupted after .*No file was saved/).waitFor()
      expect(await savedFiles()).toEqual([])
      await signIn(owner)
      faults.length = 0
    })

    test('that is refused, cancelled or lacks its last line is reported with the reason, and leaves no file', async () => {
      await lead('?ipAddresses=nowhere')
      await saveToPrivateStorage()
      await page.evaluate('window.release()')
      await choose('Download', 'CSV')
      await page.locator('.transfer').getByText('“nowhere” is not an IP address').waitFor()
      await lead('')
      const under = await house.fetch(`/export/${ORGANIZATION}.csv`, {
        headers: { 'x-auth-token': owner },
      })
      await choose('Download', 'CSV')
      await page.getByText('Too many downloads or requests are in progress').waitFor()
      await under.text()
      for (const [body, notice] of [
        ['{"errors":[{"message":"no","extensions":{"code":"UNAVAILABLE"}}]}', 'cannot be read'],
        ['no JSON', 'The server is not responding'],
      ] as const) {
        await page.route('**/export/**', route => route.fulfill({ status: 503, body }))
        await choose('Download', 'CSV')
        await page.locator('.transfer').getByText(notice).waitFor()
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
      expect(await savedFiles()).toEqual([])
      await page.unroute('**/export/**')
      // The console reports each response with an error.
      expect(faults.splice(0).filter(fault => !fault.startsWith('Failed to load'))).toEqual([])
    })
  })

  test('Copy link copies the URL of the view without the token', async () => {
    await lead('?userAgent=curl&zone=utc')
    await choose('Share', 'Copy link')
    await page.getByText('Link copied').waitFor()
    const link = await page.evaluate('navigator.clipboard.readText()')
    expect(link).toBe(`${house.url}/?userAgent=curl&zone=utc`)
  })

  test('the page says when the browser blocks copying, in English and French', async () => {
    for (const [locale, link, copy, notice] of [
      ['en-GB', 'Copy link', 'Copy', 'Your browser blocked copying.'],
      ['fr-FR', 'Copier le lien', 'Copier', 'Votre navigateur a bloqué la copie.'],
    ] as const) {
      const script = `document.execCommand = () => false
        navigator.clipboard.writeText = () => Promise.reject(new DOMException('no'))`
      const { page, close } = await house.visit(`?event=${NEWEST}`, { locale, script })
      const details = page.locator('.event-details')
      await details.getByRole('button', { name: link }).click()
      await details.locator('header').getByRole('status').getByText(notice).waitFor()
      await details.locator(`button[title^=${copy}]`).first().click()
      await details.locator('dd').getByRole('status').getByText(notice).waitFor()
      await close()
    }
  })

  describe('a GraphQL query', () => {
    /** The query and the variables that the page copies. */
    async function copied(on = page): Promise<{ query: string; variables: object }> {
      // The notice of an earlier copy stays for some seconds.
      await on.evaluate('navigator.clipboard.writeText("")')
      await choose('Share', 'Copy as GraphQL', on)
      await on.getByText('Query copied').waitFor()
      const clipboard = async () => String(await on.evaluate('navigator.clipboard.readText()'))
      await expect.poll(clipboard).not.toBe('')
      const text = await clipboard()
      const [, variables = ''] = text.split('# Variables:\n')
      return { query: text, variables: JSON.parse(variables.replaceAll(/^# /gm, '')) }
    }

    test('that is copied from a view runs unchanged, and returns the events of the view', async () => {
      await lead('?userAgent=curl&order=oldest')
      const { query, variables } = await copied()
      expect(query).toMatch(/^query Events\(\n {2}\$organizationId: ID!\n/)
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

    test('that is copied from a principal’s page returns its events, also where only persisted documents may run', async () => {
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

    test('of a view opens in a new tab of GraphiQL, which is signed in and has no query in its URL', async () => {
      await lead('?userAgent=curl')
      const opening = page.waitForEvent('popup')
      await open('Share')
      await page.getByRole('link', { name: 'Open in GraphiQL' }).click()
      const graphiql = await opening
      await graphiql.getByRole('tab', { name: 'Events', selected: true }).waitFor()
      expect(await graphiql.locator('.graphiql-tabs').getByRole('tab').count()).toBe(7)
      expect(graphiql.url()).toBe(`${house.url}/graphql`)
      const answering = graphiql.waitForResponse(answer =>
        (answer.request().postData() ?? '').includes('query Events('),
      )
      await graphiql.getByRole('button', { name: /execute query/i }).click()
      const { data } = await (await answering).json()
      expect(data.organization.events.nodes).toHaveLength(3)
      await graphiql.getByRole('link', { name: 'Logs' }).click()
      await graphiql.getByRole('link', { name: 'GraphiQL' }).waitFor()
      expect(graphiql.url()).toBe(`${house.url}/`)
      await graphiql.close()
    })

    test('in somebody else’s link to GraphiQL is shown as text, and is neither sent nor run as HTML', async () => {
      const bodies: string[] = []
      page.on('request', request => bodies.push(request.postData() ?? ''))
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
      // Another query, in the page that is open already.
      await page.evaluate(
        `location.hash = ${JSON.stringify(`#query=${encodeURIComponent('query Second { viewer { id } }')}`)}`,
      )
      await page.getByRole('tab', { name: 'Second', selected: true }).waitFor()
      expect(page.url()).toBe(`${house.url}/graphql`)
      expect(await page.evaluate('window.hit')).toBeUndefined()
      expect(bodies.filter(body => body.includes('viewer'))).toEqual([])
    })
  })

  describe('the access token and the connection', () => {
    /** The keys in both storages, except those of GraphiQL. */
    const stored = () =>
      page.evaluate(`[sessionStorage, localStorage].map(storage =>
        Object.keys(storage).filter(key => !key.startsWith('graphiql:')))`)

    test('a revoked token is forgotten, the page asks for another, accepts a link with a new one, and signs out', async () => {
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
      // The console reports the response with an error.
      expect(faults.splice(0).filter(fault => !fault.startsWith('Failed to load'))).toEqual([])
    })

    test('in French, a revoked token is reported in French only', async () => {
      const token = await house.token(['AuditTrailReadOnly'])
      const { page, close } = await house.visit('', { token, locale: 'fr-FR' })
      const refresh = page.getByRole('button', { name: 'Actualiser' })
      await page.locator('.histogram[aria-busy=false]').waitFor()
      await page.getByRole('row').nth(1).locator('time').waitFor()
      await revoke('AuditTrailReadOnly')
      await refresh.click()
      const notice = 'Le jeton d’accès n’est pas valide. Il peut être erroné, expiré ou révoqué.'
      await page.getByText(notice).waitFor()
      expect(await page.getByRole('main').innerText()).not.toContain('access token')
      await close()
    })

    test('the page says when the server does not respond, and recovers by itself when it is back', async () => {
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
