// GraphiQL: its files and, if Chromium is installed, its behaviour in a browser. It loads nothing from another host,
// and keeps the token only in its tab.

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { buildSchema, graphql, parse, validate } from 'graphql'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { EXAMPLE_QUERIES } from '../src/web/graphiql/examples.ts'
import { pageFile } from '../src/web/page-files.ts'
import { openApp, type TestApp } from './support/app.ts'
import { BROWSER_NOTE, faultsOf, HAS_BROWSER, openBrowser } from './support/browser.ts'
import { event, ORGANIZATION } from './support/events.ts'

const SCHEMA = buildSchema(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'))

const PAGE_INFO = { hasNextPage: false, endCursor: null }
const EVENT = {
  createdAt: '2025-11-17T17:10:30.448542Z',
  action: 'CREATED',
  category: 'API_KEY',
  principal: { __typename: 'User', principalId: 'user-1', name: 'Ada Lovelace' },
  resource: { resourceId: 'SCWXXXXXXXXXXXXXXXXX', name: null, principal: null },
  ipAddress: '192.0.2.7',
  userAgent: 'scaleway-cli/2.34.0',
}
const ANSWER = {
  eventRecorded: {
    ...EVENT,
    eventId: 'event-1',
    recordedAt: EVENT.createdAt,
    organization: { name: 'Analytical Engines' },
  },
  organizations: [
    {
      id: 'organization-1',
      name: 'Analytical Engines',
      events: { nodes: [EVENT], pageInfo: PAGE_INFO },
      principals: { nodes: [], pageInfo: PAGE_INFO },
    },
  ],
}

const html = text('/graphql')
const references = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url as string)
const assetPaths = references.filter(url => !url.startsWith('data:')).map(url => `/${url}`)

function text(path: string): string {
  return new TextDecoder().decode(pageFile(path)?.body)
}

describe('served files', () => {
  test('the page refers only to files that this server has, and to no other host', () => {
    expect(assetPaths.map(path => path.replace(/^\/graphql\/assets\/[\w-]{16}\//, ''))).toEqual([
      'page.js',
      'yoga.css',
      'page.css',
    ])
    for (const path of assetPaths) {
      expect(pageFile(path)?.body.length, path).toBeGreaterThan(0)
    }
    expect(html).not.toMatch(/https?:|\{\{|\/\/\w/)
  })

  test('no style sheet loads anything but data URLs', () => {
    for (const path of assetPaths.filter(path => path.endsWith('.css'))) {
      expect(text(path).match(/@import|url\((?!["']?data:).{0,40}/g), path).toBeNull()
    }
  })

  test('the licences of its packages are served beside the page', () => {
    expect(text(assetPaths[0]?.replace('page.js', 'licences.txt') ?? '')).toContain('graphql-yoga')
  })

  test('the page is not cached, and its Content-Security-Policy allows scripts from this server only', () => {
    const headers = pageFile('/graphql')?.headers ?? {}
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    const policy = headers['content-security-policy']?.split('; ')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("worker-src 'self'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy?.join()).not.toMatch(/unsafe-eval|blob:|https?:|\*/)
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/)
  })

  test('the files that the page loads may be cached for ever', () => {
    for (const path of assetPaths) {
      const headers = pageFile(path)?.headers ?? {}
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['content-type']).toMatch(
        path.endsWith('.css') ? /^text\/css;/ : /^text\/javascript;/,
      )
    }
  })

  test.each([
    '/graphql/',
    '/graphql/assets/',
    '/graphql/assets/page.js',
    '/graphql/assets/../../package.json',
    '/graphql/assets/%2e%2e/%2e%2e/package.json',
    '/graphql/assets/0000000000000000/page.js',
    '__proto__',
    'constructor',
  ])('there is no file at %s', path => {
    expect(pageFile(path)).toBeNull()
  })
})

describe('example queries', () => {
  test.each(EXAMPLE_QUERIES)(
    '$name is valid, starts with a comment, has short lines and runs without changes',
    async example => {
      expect(validate(SCHEMA, parse(example.query))).toEqual([])
      expect(example.query).toMatch(/^# /)
      expect(example.query).not.toMatch(/.{52}/)
      const result = await graphql({
        schema: SCHEMA,
        source: example.query,
        rootValue: ANSWER,
        variableValues: JSON.parse(example.variables),
        operationName: example.name,
      })
      expect(result.errors).toBeUndefined()
    },
  )
})

describe.skipIf(!HAS_BROWSER)(`in a browser${BROWSER_NOTE}`, () => {
  interface Call {
    readonly token: string | undefined
    readonly operation: string
  }
  let server: Server
  let browser: Browser
  let origin: string
  let calls: Call[]
  let lastQuery: string

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      if (request.url === '/session') {
        response.end('{"signIn":false,"signedIn":false}')
        return
      }
      if (request.method === 'GET') {
        const file = pageFile(new URL(request.url ?? '', 'http://host').pathname)
        response.writeHead(file === null ? 404 : 200, file?.headers).end(file?.body)
        return
      }
      const body = (await json(request)) as {
        query: string
        variables?: Record<string, unknown>
        operationName?: string
      }
      const token = request.headers['x-auth-token']?.toString()
      lastQuery = body.query
      calls.push({ token, operation: body.operationName ?? '' })
      const answer =
        token === 'ilg_secret'
          ? await graphql({
              schema: SCHEMA,
              source: body.query,
              rootValue: ANSWER,
              variableValues: body.variables,
              operationName: body.operationName,
            })
          : { errors: [{ message: 'This token was revoked.' }] }
      const status = token === 'ilg_secret' ? 200 : 401
      const text = JSON.stringify(answer)
      if (request.headers.accept === 'text/event-stream') {
        response.writeHead(status, { 'content-type': 'text/event-stream' })
        response.end(`event: next\ndata: ${text}\n\nevent: complete\ndata:\n\n`)
        return
      }
      response.writeHead(status, { 'content-type': 'application/graphql-response+json' })
      response.end(text)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await openBrowser()
  })

  afterAll(() => new Promise(resolve => server.close(resolve)))

  /** A page in a browser profile of its own, and the faults that occur in it. */
  async function open(path: string): Promise<{ page: Page; faults: string[] }> {
    calls = []
    const page = await browser.newPage()
    const faults = faultsOf(page, origin, /^data:/)
    await page.goto(origin + path)
    return { page, faults }
  }

  /** Runs the operation of the open tab; again if GraphiQL, which shows its text first, has not read its name yet. */
  async function run(page: Page, name = 'LatestEvents'): Promise<void> {
    const shown = page.locator('.result-window', { hasText: /"(data|errors)":/ })
    await page.getByRole('region', { name: 'Operation Editor' }).getByText(name).waitFor()
    async function answer(): Promise<string> {
      await page.getByRole('button', { name: /execute query/i }).click()
      return await shown.innerText()
    }
    await expect.poll(answer).toContain('Analytical')
  }

  test('the token moves from the URL into the header of each request, and is not in localStorage or on the page', async () => {
    const { page, faults } = await open('/graphql#token=ilg_secret')
    expect(page.url()).toBe(`${origin}/graphql`)
    await run(page)
    expect(calls.map(call => call.operation)).toEqual(['IntrospectionQuery', 'LatestEvents'])
    expect(calls.every(call => call.token === 'ilg_secret')).toBe(true)
    expect(await page.evaluate('localStorage.length')).toBe(0)
    expect(await page.content()).not.toContain('ilg_secret')
    expect(await page.locator('#sign-in form').count()).toBe(0)
    expect(faults).toEqual([])
    await page.close()
  })

  test('the examples are shown as tabs, each of them runs, and they remain after a reload', async () => {
    const { page, faults } = await open('/graphql#token=ilg_secret')
    const tabs = page.locator('.graphiql-tabs').getByRole('tab')
    await tabs.first().waitFor()
    expect(await tabs.locator('[title]').allInnerTexts()).toEqual(
      EXAMPLE_QUERIES.map(({ name }) => name),
    )
    for (const { name } of EXAMPLE_QUERIES) {
      await tabs.getByRole('button', { name, exact: true }).click()
      await run(page, name)
      expect(calls).toContainEqual({ token: 'ilg_secret', operation: name })
    }
    // GraphiQL saves its tabs half a second later.
    const savedTab = () =>
      page.evaluate("JSON.parse(sessionStorage['graphiql:tabState']).activeTabIndex")
    await expect.poll(savedTab).toBe(EXAMPLE_QUERIES.length - 1)
    await page.reload()
    await page.getByRole('tab', { name: 'LatestEvents' }).waitFor()
    expect(await tabs.count()).toBe(EXAMPLE_QUERIES.length)
    expect(faults).toEqual([])
    await page.close()
  })

  test('an edited query is sent unchanged, and is not in the URL', async () => {
    const { page, faults } = await open('/graphql#token=ilg_secret')
    await run(page)
    await page.getByRole('region', { name: 'Operation Editor' }).locator('.view-lines').click()
    await page.keyboard.press('ControlOrMeta+A')
    const edited = '# as it is\nquery Mine { organizations { name } }'
    await page.keyboard.insertText(edited)
    await page.getByRole('tab', { name: 'Mine' }).waitFor()
    await run(page, 'Mine')
    expect(lastQuery).toBe(edited)
    expect(page.url()).toBe(`${origin}/graphql`)
    expect(faults).toEqual([])
    await page.close()
  })

  test('the documentation, the explorer and the settings open without an error', async () => {
    const { page, faults } = await open('/graphql#token=ilg_secret')
    await page.getByRole('button', { name: /documentation explorer/i }).click()
    await page.locator('.graphiql-doc-explorer', { hasText: 'Query' }).waitFor()
    await page.getByRole('button', { name: /graphiql explorer/i }).click()
    await page.getByRole('button', { name: /settings/i }).click()
    await page.getByRole('dialog').waitFor()
    expect(faults).toEqual([])
    await page.close()
  })

  test('without a token the page asks for one, and sends no query until it is entered', async () => {
    const { page, faults } = await open('/graphql')
    const bar = page.locator('#sign-in')
    await bar.getByText('Create one with').waitFor()
    expect(calls).toEqual([])
    await bar.getByLabel('Access token').fill(' ilg_secret ')
    await bar.getByRole('button', { name: 'Use token' }).click()
    await bar.locator('form').waitFor({ state: 'detached' })
    await run(page)
    expect(faults).toEqual([])
    await page.close()
  })

  test('a refused token is removed, the page says so, and a link with a valid token works', async () => {
    const { page } = await open('/graphql#token=revoked-token')
    const bar = page.locator('#sign-in')
    await bar.getByText('The access token is not valid.').waitFor()
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('revoked-token')
    await page.goto(`${origin}/graphql#token=ilg_secret`)
    await bar.locator('form').waitFor({ state: 'detached' })
    await run(page)
    expect(page.url()).toBe(`${origin}/graphql`)
    await page.close()
  })

  describe('a subscription', () => {
    let backend: TestApp
    let running: RunningServer

    beforeAll(async () => {
      backend = await openApp({ streams: { recheck: 20 } })
      await backend.store.append([event()])
      await backend.store.nameOrganization({ id: ORGANIZATION, name: 'Analytical Engines' })
      running = await listen(backend.app, '127.0.0.1', 0)
    })

    afterAll(async () => {
      await running.close()
      await backend.store.close()
    })

    /** Opens the page with the subscription in its only tab, and runs it. */
    async function watch(sets: string[]) {
      const token = await backend.token(sets)
      const page = await browser.newPage()
      const faults = faultsOf(page, running.url, /^data:/)
      const query = `subscription Watch { eventRecorded(organizationId: "${ORGANIZATION}") { eventId organization { name } } }`
      const empty = { variables: null, headers: null, operationName: 'Watch', response: null }
      const tabs = { tabs: [{ id: '1', title: 'Watch', query, ...empty }], activeTabIndex: 0 }
      const stored = { 'graphiql:query': query, 'graphiql:tabState': JSON.stringify(tabs) }
      await page.addInitScript(`Object.assign(sessionStorage, ${JSON.stringify(stored)})`)
      const schema = page.waitForResponse(response => response.request().method() === 'POST')
      await page.goto(`${running.url}/graphql#token=${token}`)
      await (await schema).finished()
      const answer = page.waitForResponse(response =>
        (response.headers()['content-type'] ?? '').startsWith('text/event-stream'),
      )
      await page.getByRole('button', { name: /execute query/i }).click()
      await answer
      const shown = (text: string) => page.locator('.result-window', { hasText: text }).waitFor()
      return { page, faults, shown }
    }

    test('shows each event as it arrives, until it is stopped', async () => {
      const { page, faults, shown } = await watch(['IAMReadOnly'])
      for (const next of [event(), event()]) {
        await backend.store.append([next])
        await shown(next.id)
      }
      const ended = page.waitForEvent('requestfailed')
      await page.getByRole('button', { name: /stop query/i }).click()
      await ended
      await page.getByRole('button', { name: /execute query/i }).waitFor()
      expect(await page.locator('.result-window').innerText()).not.toContain('rror')
      expect(faults).toEqual([])
      await page.close()
    })

    test('ends when its token is revoked, and the page asks for another token', async () => {
      const { page, shown } = await watch(['IAMManager'])
      const kept = (await backend.store.tokens.list()).find(({ name }) => name === 'IAMManager')
      await backend.store.tokens.revoke(kept?.id ?? '')
      await shown('UNAUTHENTICATED')
      const bar = page.locator('#sign-in')
      await bar.getByText('The access token is not valid.').waitFor()
      await page.getByRole('button', { name: /execute query/i }).waitFor()
      await page.close()
    })
  })

  test('"Forget token" removes the token and the results', async () => {
    const { page } = await open('/graphql#token=ilg_secret')
    await run(page)
    await page.getByRole('button', { name: 'Forget token' }).click()
    const bar = page.locator('#sign-in')
    await bar.getByText('Create one with').waitFor()
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('ilg_secret')
    expect(await page.content()).not.toContain('Analytical Engines')
    await page.close()
  })
})
