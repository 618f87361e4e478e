// A link to the current view with a change.

import type { AnchorHTMLAttributes } from 'preact'
import { addressOf, follow } from '../view/page-address.ts'
import { NO_FILTER, type View } from '../view/view.ts'

/** The change that shows the log of all events. */
export const ALL_EVENTS = { ...NO_FILTER, principalId: null, eventId: null } as const

interface ViewLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly to: Partial<View>
}

export function ViewLink({ to, children, ...link }: ViewLinkProps) {
  return (
    <a {...link} href={addressOf(to)} onClick={click => follow(click, to)}>
      {children}
    </a>
  )
}
