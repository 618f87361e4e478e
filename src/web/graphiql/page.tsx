// The page: Yoga's GraphiQL with our examples and the viewer's token or session, and above it the sign-in form of the
// Logs page while nobody is signed in. GraphiQL stores its tabs in sessionStorage, as we store the token; it never stores
// the token, because its headers editor is off.

import { effect } from '@preact/signals'
import type { DocumentNode } from 'graphql'
import { render } from 'preact'
import * as session from '../logs/api/session.ts'
import { attempt } from '../logs/kept.ts'
import { SignIn } from '../logs/shell/sign-in.tsx'
import { EXAMPLE_QUERIES } from './examples.ts'
import './page.css'

declare const YogaGraphiQL: { renderYogaGraphiQL(root: Element | null, options: object): void }

const send = globalThis.fetch

/** Replaces `fetch` for Yoga's GraphiQL and detects a refused token, also in a subscription. */
async function watched(...request: Parameters<typeof fetch>): Promise<Response> {
  const sender = session.account.value
  const response = await send(...request)
  if (response.status === 401 && sender != null) session.forget(sender)
  const type = response.headers.get('content-type')
  if (!response.body || !type?.startsWith('text/event-stream')) return response
  const decoder = new TextDecoder()
  const seen = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, results) {
      results.enqueue(chunk)
      if (decoder.decode(chunk).includes('"UNAUTHENTICATED"')) recheck().catch(() => {})
    },
  })
  return new Response(response.body.pipeThrough(seen), response)
}

function recheck(): Promise<Response> {
  const body = JSON.stringify({ query: '{ __typename }' })
  const { headers: proof, credentials } = session.proofs()
  const headers = { ...proof, 'content-type': 'application/json' }
  return watched(location.pathname, { method: 'POST', headers, body, credentials })
}

/**
 * A query that another page passes in the address after the #, which browsers do not send to the server. It opens in
 * its own tab and runs only when the viewer runs it, as anybody may have made the link.
 */
function takeHanded(): { query: string; variables: string } | null {
  const given = new URLSearchParams(location.hash.slice(1))
  const query = given.get('query') ?? ''
  history.replaceState(history.state, '', location.pathname)
  const variables = given.get('variables') ?? ''
  // Our own pages pass about a hundredth of this.
  return query === '' || query.length + variables.length > 100_000 ? null : { query, variables }
}

/** The storage of the token and of GraphiQL's tabs; `null` if the browser forbids it: they are then only in memory. */
const storage = attempt(() => sessionStorage)

async function show(): Promise<void> {
  const handed = takeHanded()
  const isFirst = storage?.getItem('graphiql:query') == null
  globalThis.fetch = watched
  const file = (name: string) => new URL(`${name}.js`, import.meta.url).href
  Object.assign(globalThis, {
    MonacoEnvironment: { getWorkerUrl: (_: string, label: string) => file(label) },
  })
  await import(file('yoga'))
  YogaGraphiQL.renderYogaGraphiQL(document.getElementById('graphiql'), {
    // For subscriptions too.
    method: 'POST',
    credentials: session.proofs().credentials,
    additionalHeaders: () => session.proofs().headers,
    // The query as written, not reformatted: errors name its lines.
    print: ({ definitions }: DocumentNode) => definitions[0]?.loc?.source.body,
    storage,
    // GraphiQL selects the tab with this query, or adds one. Without it, GraphiQL selects the last active tab.
    ...(handed ?? (isFirst ? EXAMPLE_QUERIES[0] : {})),
    isHeadersEditorEnabled: false,
    showPersistHeadersSettings: false,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'variables',
    defaultQuery: '# Ctrl-Space completes, Ctrl-Enter runs.\n',
    defaultTabs: [...(handed ? [handed] : []), ...EXAMPLE_QUERIES],
    // Yoga's own handler puts the query into the address, and so into server logs.
    onEditQuery: () => {},
    logo: '',
    title:
      '<a href="." title="The Logs page">IAM Logs</a> ' +
      (session.canSignOut.value
        ? `<button id="forget" type="button">${session.token.value === null ? 'Sign out' : 'Forget token'}</button>`
        : ''),
  })
}

addEventListener('click', ({ target }) => {
  if ((target as Element).id !== 'forget') return
  // Reloading also removes the results, which are only in the page's memory.
  session.signOut().then(leaves => leaves || location.reload())
})

// GraphiQL reads its tabs when it starts and writes them until it ends, so a reload is needed to open the new query.
addEventListener('hashchange', () => {
  if (/[#&](?:token|query)=/.test(location.hash)) location.reload()
})

session.takeToken()
session.watchSession()
const form = document.getElementById('sign-in') as HTMLElement
/** Whether GraphiQL is rendered, which it is only once. */
let begun = false
effect(() => {
  if (session.account.value === undefined) return
  render(session.account.value === null && <SignIn />, form)
  if (session.account.value === null) return
  // Reloads, because the results belong to another viewer; without storage a reload would lose the token.
  if (begun && storage?.getItem(session.KEY) != null) location.reload()
  else if (!begun) show()
  begun = true
})
