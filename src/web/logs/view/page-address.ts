// The current view, as a signal that is kept in sync with the browser's address: every change goes through `go`, and
// Back undoes it.

import { computed, signal } from '@preact/signals'
import type { EventOrder } from '../api/page-documents.ts'
import { filterOf, PLAIN, readView, type View, writeView } from './view.ts'

const begun = readView(location.search)

export const view = signal<View>(begun.view)

/** Names in the address that are not valid. */
export const unknownNames = signal<readonly string[]>(begun.unknown)

/**
 * The time at which "the last hour" ends, in milliseconds. It is fixed until the viewer requests something else, and
 * Back restores the previous one: it is the state of each entry of the browser's history.
 */
export const asOf = signal(Date.now())

/** Whose events are shown; on a principal's page, conditions by principal belong to the log that the viewer came from. */
export const listed = computed<View>(() => {
  const { principalId } = view.value
  const ofOne = principalId !== null && { principalIds: [principalId], notPrincipalIds: [] }
  return { ...view.value, ...ofOne }
})

/** The API's filter for the events that are shown. */
export const filter = computed(() => filterOf(listed.value, asOf.value))

export const orderBy = computed<EventOrder>(() =>
  view.value.oldestFirst ? 'CREATED_AT_ASC' : 'CREATED_AT_DESC',
)

// Lists restore their own position after Back: a position in pixels would be wrong by then.
history.scrollRestoration = 'manual'
history.replaceState(asOf.value, '', location.href)

/** Shows the current view with this change. `quietly` replaces the history entry, as while the viewer types. */
export function go(change: Partial<View>, { quietly = false } = {}): void {
  const next = { ...view.value, ...change }
  const address = location.pathname + writeView(next)
  if (address === location.pathname + location.search) return
  unknownNames.value = []
  if (!sameEvents(next)) asOf.value = Date.now()
  if (quietly) history.replaceState(asOf.value, '', address)
  else history.pushState(asOf.value, '', address)
  view.value = next
}

/** The same view, with the current time. */
export function refresh(): void {
  asOf.value = Date.now()
  history.replaceState(asOf.value, '')
}

/** The address of the current view with this change, for links. */
export function addressOf(change: Partial<View>): string {
  return writeView({ ...view.value, ...change }) || location.pathname
}

addEventListener('popstate', ({ state }: { readonly state: number | null }) => {
  const found = readView(location.search)
  unknownNames.value = found.unknown
  if (state !== null) asOf.value = state
  else if (!sameEvents(found.view)) asOf.value = Date.now()
  view.value = found.view
})

/** Whether only the display changes, not the events. */
function sameEvents(next: View): boolean {
  const plain = { ...PLAIN, hidden: [] }
  return writeView({ ...view.value, ...plain }) === writeView({ ...next, ...plain })
}
