// The values of an event in the viewer's language; those that this version does not know are shown as Scaleway's.

import type { EventAction, EventCategory, EventRowFragment } from '../api/page-documents.ts'
import { dateText, day, exact } from '../dates.ts'
import { view } from '../view/page-address.ts'
import type { ListName } from '../view/view.ts'
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

/** The heading of counts: user agents are shown as clients. */
export function headingOf(of: ListName): string {
  return of === 'userAgents' ? common.client : common.names[of]
}

/** The label of a value that events are counted by; `value` is empty for events without one. */
export function labelOf(of: ListName, value: string): string {
  if (of === 'actions') return common.actions[value as EventAction]
  if (of === 'categories') return common.categories[value as EventCategory]
  if (of === 'userAgents') return clientOf(value) || common.noClient
  return value || common.noAddress
}

/** A date with the exact date as a tooltip. `brief`: without the time, unless the view shows elapsed time. */
export function When({ at, brief = false }: { at: string; brief?: boolean }) {
  return (
    <time dateTime={at} title={exact(at)}>
      {brief && !view.value.relative ? day(at) : dateText(at)}
    </time>
  )
}
