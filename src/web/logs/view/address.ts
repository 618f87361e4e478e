// The view of now, as a signal that the browser's address follows and leads: whoever changes the view goes through
// `go`, and Back undoes it.

import { effect, signal } from '@preact/signals'
import { readView, type View, writeView } from './view.ts'

const begun = readView(location.search)

export const view = signal<View>(begun.view)

/** Names in the address that mean nothing here. */
export const unknownNames = signal<readonly string[]>(begun.unknown)

/** The time that "the last hour" ends at, in milliseconds: it stands still until something else is asked for. */
export const asOf = signal(Date.now())

/** Shows the same with this change. `quietly`: Back goes on leading to where it led, as while somebody types. */
export function go(change: Partial<View>, { quietly = false } = {}): void {
  const next = { ...view.value, ...change }
  const address = location.pathname + writeView(next)
  if (address === location.pathname + location.search) return
  if (quietly) history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  unknownNames.value = []
  show(next)
}

/** What was asked for before, asked again. */
export function refresh(): void {
  asOf.value = Date.now()
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

addEventListener('popstate', () => {
  const found = readView(location.search)
  unknownNames.value = found.unknown
  show(found.view)
})

function show(next: View): void {
  const { eventId: _, live: __, utc: ___, relative: ____, ...before } = view.value
  const after = { ...before, ...next }
  const same = Object.entries(before).every(
    ([name, value]) => String(after[name as keyof typeof before]) === String(value),
  )
  if (!same) refresh()
  view.value = next
}

effect(() => {
  document.documentElement.dataset.live = String(view.value.live)
})
