// The Logs page: what was done in an Organization, by whom, when, from where. A client of the graph, and the reference
// for those who write one. Each folder enters those before it: api/ asks the graph, view/ is what the address says,
// parts/ stands everywhere, counted/ is what several count; figures/, filters/, views/, tools/ and list/ know nothing of each
// other; principal/ and shell/ put them together.

import { render } from 'preact'
import { watchSession } from './api/session.ts'
import { takeToken } from './api/token.ts'
import { App } from './shell/logs-app.tsx'
import './style/base.css'
import './style/controls.css'

takeToken()
addEventListener('hashchange', takeToken)
watchSession()

const root = document.getElementById('page')
if (root !== null) render(<App />, root)
