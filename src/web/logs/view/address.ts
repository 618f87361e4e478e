// The view of now, as a signal that the browser's address follows and leads: whoever changes the view goes through
// `go`, and Back undoes it.

import { effect, signal } from '@preact/signals'
import { readView, type View, writeView } from './view.ts'

const begun = readView(location.search)

export const view = signal<View>(begun.view)

/** Names in the address that mean nothing here. */
export const unknownNames = signal<readonly string[]>(begun.unknown)

/** The time that "the last hour" ends at, in milliseconds: it stands still until something else is asked for, and
 *  Back leads to that of then. */
export const asOf = signal(Date.now())

// Who goes back has lists that know where they were: a place in pixels would be another by then.
history.scrollRestoration = 'manual'
history.replaceState({ asOf: asOf.value }, '', location.href)

/** Shows the same with this change. `quietly`: Back goes on leading to where it led, as while somebody types. */
export function go(change: Partial<View>, { quietly = false } = {}): void {
  const next = { ...view.value, ...change }
  const address = location.pathname + writeView(next)
  if (address === location.pathname + location.search) return
  unknownNames.value = []
  if (!sameEvents(next)) asOf.value = Date.now()
  const state: State = { asOf: asOf.value }
  if (quietly) history.replaceState(state, '', address)
  else history.pushState(state, '', address)
  view.value = next
}

/** What was asked for before, asked again. */
export function refresh(): void {
  asOf.value = Date.now()
  const state: State = { asOf: asOf.value }
  history.replaceState(state, '')
}

/** Of an entry of the browser's history. */
interface State {
  readonly asOf: number
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

addEventListener('popstate', ({ state }: { readonly state: State | null }) => {
  const found = readView(location.search)
  unknownNames.value = found.unknown
  if (state !== null) asOf.value = state.asOf
  else if (!sameEvents(found.view)) asOf.value = Date.now()
  view.value = found.view
})

/** Whether only the look of what is shown is another. */
function sameEvents(next: View): boolean {
  const { eventId: _, live: __, utc: ___, relative: ____, ...others } = view.value
  const { hidden: _____, savedView: ______, ...before } = others
  const after = { ...before, ...next }
  return Object.entries(before).every(
    ([name, value]) => String(after[name as keyof typeof before]) === String(value),
  )
}

effect(() => {
  document.documentElement.dataset.live = String(view.value.live)
})
