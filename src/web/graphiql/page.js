// The page: GraphiQL with a token bar above it. GraphiQL keeps its tabs and history in sessionStorage like
// the token, and never learns the token: its headers editor is off and `send` adds the header.

import { EXAMPLE_QUERIES } from './examples.js'
import { isHanded, takeHanded } from './handed.js'
import { isStream, resultsIn } from './stream.js'
import { forgetToken, keepToken, takeToken, token } from './token.js'

const { GraphiQL, React, ReactDOM } = window
const bar = document.getElementById('token-bar')
const message = document.getElementById('token-message')
const input = document.getElementById('token')
const root = ReactDOM.createRoot(document.getElementById('graphiql'))

const NO_TOKEN =
  'Paste an access token to see the logs. `iam-logs token create` makes one. It stays in this tab.'

function ask(text) {
  message.textContent = text
  bar.hidden = false
}

async function send(request) {
  const secret = token()
  if (secret === null) {
    // GraphiQL asks again after a 401: the server's words stay.
    if (bar.hidden) ask(NO_TOKEN)
    return failure(message.textContent)
  }
  const ending = new AbortController()
  const response = await post(request, secret, ending.signal).catch(() => null)
  if (response === null) return failure('The server does not answer. Is it still running?')
  if (isStream(response)) {
    return resultsIn(response.body, ending, result => {
      if (result.errors?.[0]?.extensions?.code === 'UNAUTHENTICATED') refused(secret, result)
    })
  }
  const result = await response
    .json()
    .catch(() => failure(`The server answered ${response.status}.`))
  if (response.status === 401) refused(secret, result)
  return result
}

/** Unless there is another token by now. */
function refused(secret, result) {
  if (token() !== secret) return
  forgetToken()
  ask(result?.errors?.[0]?.message ?? 'This token is refused.')
}

function post(request, secret, signal) {
  return fetch(location.pathname, {
    method: 'POST',
    signal,
    headers: {
      accept: 'application/graphql-response+json, application/json, text/event-stream',
      'content-type': 'application/json',
      'x-auth-token': secret,
    },
    body: JSON.stringify(request),
    credentials: 'omit',
    redirect: 'error',
  })
}

function failure(text) {
  return { errors: [{ message: text }] }
}

/** Also after every new token: GraphiQL reads the schema again when its fetcher is another function. */
function show() {
  if (token() === null) ask(NO_TOKEN)
  else bar.hidden = true
  root.render(
    React.createElement(
      GraphiQL,
      {
        fetcher: request => send(request),
        storage: sessionStorage,
        defaultTabs: EXAMPLE_QUERIES.map(({ query, variables }) => ({ query, variables })),
        defaultQuery: '# Ctrl-Space completes, Ctrl-Enter runs.\n',
        defaultEditorToolsVisibility: 'variables',
        isHeadersEditorEnabled: false,
        showPersistHeadersSettings: false,
      },
      React.createElement(
        GraphiQL.Logo,
        null,
        React.createElement('span', null, 'IAM Logs'),
        React.createElement('a', { href: '.', title: 'The Logs page' }, 'Logs'),
        React.createElement(
          'button',
          { type: 'button', className: 'graphiql-un-styled', onClick: leave },
          'Forget token',
        ),
      ),
    ),
  )
}

/** With the answers it gave: they are in the page's memory only, which a reload empties. */
function leave() {
  forgetToken()
  location.reload()
}

bar.addEventListener('submit', event => {
  event.preventDefault()
  if (!keepToken(input.value)) {
    ask('That cannot be a token: a token has no spaces and no accents.')
    return
  }
  bar.reset()
  show()
})

addEventListener('hashchange', () => {
  if (takeToken()) show()
  // GraphiQL reads its tabs when it begins and writes them until it ends: the next one takes it.
  else if (isHanded()) location.reload()
})

takeHanded()
show()
if (token() === null) input.focus()
