// A link to what the page shows, but for a change.

import type { ComponentChildren } from 'preact'
import { addressOf, follow } from '../view/address.ts'
import { NO_FILTER, type View } from '../view/view.ts'

/** The change that leads to the log of all events. */
export const ALL_EVENTS = { ...NO_FILTER, principalId: null, eventId: null } as const

export function ViewLink({
  to,
  class: name,
  children,
}: {
  to: Partial<View>
  class?: string
  children: ComponentChildren
}) {
  return (
    <a class={name} href={addressOf(to)} onClick={click => follow(click, to)}>
      {children}
    </a>
  )
}
