// The values of an event in the viewer's language; those that this version does not know are shown as Scaleway's.

import type { EventRowFragment } from '../api/page-documents.ts'
import { dateText, day, exact } from '../dates.ts'
import { view } from '../view/page-address.ts'
import { clientOf } from './client-name.ts'
import { words as common } from './parts.words.ts'

/** The action as a coloured badge; the colour adds no information to the text. */
export function Action({ of }: { of: Pick<EventRowFragment, 'action' | 'rawAction'> }) {
  const { action, rawAction } = of
  const text = action === 'UNKNOWN' ? rawAction : common.actions[action]
  return <span class={`action ${action}`}>{text}</span>
}

export function categoryOf(of: Pick<EventRowFragment, 'category' | 'rawCategory'>): string {
  return of.category === 'UNKNOWN' ? of.rawCategory : common.categories[of.category]
}

/** The label of an address or a user agent; `value` is empty for events without one. */
export function labelOf(of: 'ipAddresses' | 'userAgents', value: string): string {
  return of === 'ipAddresses' ? value || common.noAddress : clientOf(value) || common.noClient
}

/** A date with the exact date as a tooltip. `brief`: without the time, unless the view shows elapsed time. */
export function When({ at, brief = false }: { at: string; brief?: boolean }) {
  return (
    <time dateTime={at} title={exact(at)}>
      {brief && !view.value.relative ? day(at) : dateText(at)}
    </time>
  )
}
