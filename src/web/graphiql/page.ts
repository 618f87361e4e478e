// The page: Yoga's GraphiQL, given our examples and who asks, with a bar above it while nobody is signed in. GraphiQL
// keeps its tabs in sessionStorage like the token, and never the token: its headers editor is off.

import { effect } from '@preact/signals'
import type { DocumentNode } from 'graphql'
import {
  account,
  canSignOut,
  forget,
  offered,
  outcome,
  proofs,
  signIn,
  signOut,
  watchSession,
} from '../logs/api/session.ts'
import { KEY, keepToken, takeToken, token } from '../logs/api/token.ts'
import { read } from '../logs/kept.ts'
import { EXAMPLE_QUERIES } from './examples.ts'
import './page.css'

declare const YogaGraphiQL: { renderYogaGraphiQL(root: Element | null, options: object): void }

const NO_TOKEN =
  'Paste an access token to see the logs. Create one with “iam-logs token create”. The token is stored in this tab only.'

const OUTCOMES = {
  ended: 'Your session has ended. Sign in again to continue.',
  late: 'Sign-in took too long, or another tab was signing in at the same time. Sign in again.',
  refused: 'Your identity provider refused the sign-in.',
  away: 'Your identity provider is not responding. Try again in a moment.',
  failed: 'Sign-in failed; the error is recorded on the server. Try again later.',
}

const bar = document.querySelector('form') as HTMLFormElement
const input = bar.querySelector('input') as HTMLInputElement
const send = globalThis.fetch

const ofTab = () => sessionStorage

/** GraphiQL is shown once. */
let begun = false

const button = document.getElementById('sign-in') as HTMLButtonElement

function ask(text: string): void {
  const message = document.getElementById('token-message') as HTMLElement
  message.textContent = outcome.value === null ? text : OUTCOMES[outcome.value]
  button.hidden = !offered.value
  bar.hidden = false
}

/** As `fetch`, which Yoga's GraphiQL calls: sees a token that is refused, by a subscription too. */
async function watched(...request: Parameters<typeof fetch>): Promise<Response> {
  const sender = account.value
  const response = await send(...request)
  if (response.status === 401 && sender != null && account.value === sender) {
    const answer = response.clone().json()
    const { errors } = await answer.catch(() => ({}))
    forget(sender)
    ask(errors?.[0]?.message ?? 'The access token is not valid.')
  }
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
  const { headers: proof, credentials } = proofs()
  const headers = { ...proof, 'content-type': 'application/json' }
  return watched(location.pathname, { method: 'POST', headers, body, credentials })
}

/**
 * A query that another page hands over after the # of the address, which no server is sent. Whoever made the link, it
 * is text in a tab of its own, and runs when the viewer says so.
 */
function takeHanded(): { query: string; variables: string } | null {
  const given = new URLSearchParams(location.hash.slice(1))
  const query = given.get('query') ?? ''
  history.replaceState(history.state, '', location.pathname)
  const variables = given.get('variables') ?? ''
  // What a page of ours hands over is a hundredth of it.
  return query === '' || query.length + variables.length > 100_000 ? null : { query, variables }
}

/** What GraphiQL keeps its tabs in; `null`, for the page's memory alone, where the browser forbids it. */
function storage(): Storage | null {
  try {
    return sessionStorage
  } catch {
    return null
  }
}

async function show(): Promise<void> {
  const handed = takeHanded()
  const isFirst = read('graphiql:query', ofTab) === null
  globalThis.fetch = watched
  const file = (name: string) => new URL(`${name}.js`, import.meta.url).href
  Object.assign(globalThis, {
    MonacoEnvironment: { getWorkerUrl: (_: string, label: string) => file(label) },
  })
  await import(file('yoga'))
  YogaGraphiQL.renderYogaGraphiQL(document.getElementById('graphiql'), {
    // Subscriptions too.
    method: 'POST',
    credentials: proofs().credentials,
    additionalHeaders: () => proofs().headers,
    // As it was written, not printed anew: errors tell lines of it.
    print: ({ definitions }: DocumentNode) => definitions[0]?.loc?.source.body,
    storage: storage(),
    // Of its tabs the one that holds this; one more where none does. Otherwise the one that it has noted last.
    ...(handed ?? (isFirst ? EXAMPLE_QUERIES[0] : {})),
    isHeadersEditorEnabled: false,
    showPersistHeadersSettings: false,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'variables',
    defaultQuery: '# Ctrl-Space completes, Ctrl-Enter runs.\n',
    defaultTabs: [...(handed ? [handed] : []), ...EXAMPLE_QUERIES],
    // Yoga's own puts the query into the address, and a server's log.
    onEditQuery: () => {},
    logo: '',
    title:
      '<a href="." title="The Logs page">IAM Logs</a> ' +
      (canSignOut.value
        ? `<button id="forget" type="button">${token.value === null ? 'Sign out' : 'Forget token'}</button>`
        : ''),
  })
}

bar.addEventListener('submit', event => {
  event.preventDefault()
  const again = begun
  if (!keepToken(input.value)) ask('This is not a token. Tokens contain no spaces or accents.')
  // Anew, as the answers are of another viewer; where nothing can be kept, the token would be lost.
  else if (again && read(KEY, ofTab) !== null) location.reload()
  else bar.hidden = true
})

addEventListener('click', ({ target }) => {
  if ((target as Element).id !== 'forget') return
  // With the answers it gave: they are in the page's memory only.
  signOut().then(leaves => leaves || location.reload())
})

button.addEventListener('click', async () => {
  await signIn()
  if (outcome.value !== null) ask('')
})

// GraphiQL reads its tabs when it begins and writes them until it ends: the next one takes what is in the address.
addEventListener('hashchange', () => {
  if (/[#&](?:token|query)=/.test(location.hash)) location.reload()
})

takeToken()
watchSession()
effect(() => {
  if (begun || account.value === undefined) return
  if (account.value === null) {
    ask(NO_TOKEN)
    input.focus()
  } else {
    begun = true
    bar.hidden = true
    show()
  }
})
