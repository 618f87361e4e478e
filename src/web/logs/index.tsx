// The Logs page: what was done in an Organization, by whom, when, and from where. It is a client of the API, and an
// example for those who write one. Each folder imports only from those before it: api/ sends requests, view/ is the
// state in the address, parts/ is used everywhere, counted/ is used by several; figures/, filters/, views/, tools/ and
// list/ do not import each other; principal/ and shell/ combine them.

import './style/base.css'
import './style/controls.css'

import { render } from 'preact'
import { takeToken, watchSession } from './api/session.ts'
import { App } from './shell/logs-app.tsx'

takeToken()
addEventListener('hashchange', takeToken)
watchSession()

const root = document.getElementById('page')
if (root !== null) render(<App />, root)
