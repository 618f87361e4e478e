// The Logs page: what was done in an Organization, by whom, when, from where. A client of the graph like any other,
// and the reference for those who write one: api/ talks to it, view/ is what the address says, counted/ is
// what several parts count and know, each other folder is a part of the page with its words, its styles and what it asks.

import { QueryClientProvider } from '@tanstack/preact-query'
import { render } from 'preact'
import { createQueries } from './api/ask.ts'
import { takeToken } from './api/token.ts'
import { App } from './shell/app.tsx'
import './style/base.css'
import './style/controls.css'

takeToken()
addEventListener('hashchange', takeToken)

const root = document.getElementById('page')
if (root !== null) {
  render(
    <QueryClientProvider client={createQueries()}>
      <App />
    </QueryClientProvider>,
    root,
  )
}
