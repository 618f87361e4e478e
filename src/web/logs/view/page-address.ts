// The view of now, as a signal that the browser's address follows and leads: whoever changes the view goes through
// `go`, and Back undoes it.

import { signal } from '@preact/signals'
import { EVERYTHING, readView, type View, writeView } from './view.ts'

const begun = readView(location.search)

export const view = signal<View>(begun.view)

/** Names in the address that mean nothing here. */
export const unknownNames = signal<readonly string[]>(begun.unknown)

/** The time that "the last hour" ends at, in milliseconds: it stands still until something else is asked for, and
 *  Back leads to that of then. */
export const asOf = signal(Date.now())

// Who goes back has lists that know where they were: a place in pixels would be another by then.
history.scrollRestoration = 'manual'
history.replaceState(entryState(), '', location.href)

/** Shows the same with this change. `quietly`: Back goes on leading to where it led, as while somebody types. */
export function go(change: Partial<View>, { quietly = false } = {}): void {
  const next = { ...view.value, ...change }
  const address = location.pathname + writeView(next)
  if (address === location.pathname + location.search) return
  unknownNames.value = []
  if (!sameEvents(next)) asOf.value = Date.now()
  if (quietly) history.replaceState(entryState(), '', address)
  else history.pushState(entryState(), '', address)
  view.value = next
}

/** The same view, as of now. */
export function refresh(): void {
  asOf.value = Date.now()
  history.replaceState(entryState(), '')
}

/** Of an entry of the browser's history. */
interface EntryState {
  readonly asOf: number
}

function entryState(): EntryState {
  return { asOf: asOf.value }
}

/** The address of the same with this change, for links. */
export function addressOf(change: Partial<View>): string {
  return writeView({ ...view.value, ...change }) || location.pathname
}

/** For a click on a link to a view: goes there, unless it is to be opened elsewhere. */
export function follow(click: MouseEvent, change: Partial<View>): void {
  if (click.ctrlKey || click.metaKey || click.shiftKey || click.altKey || click.button !== 0) return
  click.preventDefault()
  go(change)
}

addEventListener('popstate', ({ state }: { readonly state: EntryState | null }) => {
  const found = readView(location.search)
  unknownNames.value = found.unknown
  if (state !== null) asOf.value = state.asOf
  else if (!sameEvents(found.view)) asOf.value = Date.now()
  view.value = found.view
})

/** Whether only the look of what is shown is another. */
function sameEvents(next: View): boolean {
  const { eventId, savedView, live, utc, relative, hidden } = EVERYTHING
  const plain = { eventId, savedView, live, utc, relative, hidden }
  return writeView({ ...view.value, ...plain }) === writeView({ ...next, ...plain })
}
