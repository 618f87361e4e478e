// A query that another page hands over behind the # of the address, which no server is sent: it goes into a tab of its
// own and nowhere else. Whoever made the link, it is text in an editor, and runs when the viewer says so.

import { EXAMPLE_QUERIES } from './examples.js'

/** Where GraphiQL finds its tabs when it begins, and which of them it shows: the one that holds these two texts. */
const TABS = 'graphiql:tabState'
const SHOWN = { query: 'graphiql:query', variables: 'graphiql:variables' }

/** In UTF-16 units; what a page of ours hands over is a hundredth of it. */
const LONGEST = 100_000

/** Whether a query stands in the address. */
export function isHanded() {
  return new URLSearchParams(location.hash.slice(1)).has('query')
}

/** Moves the query from the address, if one is there. To be called before GraphiQL begins. */
export function takeHanded() {
  const given = new URLSearchParams(location.hash.slice(1))
  const query = given.get('query')
  if (query === null) return
  history.replaceState(history.state, '', location.pathname + location.search)
  const variables = given.get('variables') ?? ''
  if (query === '' || query.length + variables.length > LONGEST) return
  const handed = tab(query, variables)
  const others = tabsThere()
  const known = others?.find(other => other.query === query && other.variables === variables)
  const tabs = others === null ? [handed, ...examples()] : known ? others : [...others, handed]
  const activeTabIndex = tabs.indexOf(known ?? handed)
  try {
    sessionStorage.setItem(TABS, JSON.stringify({ tabs, activeTabIndex }))
    sessionStorage.setItem(SHOWN.query, query)
    sessionStorage.setItem(SHOWN.variables, variables)
  } catch {
    // There is no room for one more.
  }
}

/** `null` where GraphiQL has none yet. */
function tabsThere() {
  try {
    const { tabs } = JSON.parse(sessionStorage.getItem(TABS))
    return Array.isArray(tabs) ? tabs : null
  } catch {
    return null
  }
}

function examples() {
  return EXAMPLE_QUERIES.map(({ query, variables }) => tab(query, variables))
}

function tab(query, variables) {
  const name = /^(?!#).*(?:query|subscription)\s+(\w+)/m.exec(query)?.[1]
  const id = `${Date.now()}-${Math.random()}`
  const empty = { headers: null, operationName: null, response: null }
  return { id, title: name ?? '<untitled>', query, variables, ...empty }
}
