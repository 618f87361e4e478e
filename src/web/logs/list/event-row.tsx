// One event in the list. Each value is a button that filters by it.

import type { ComponentChildren } from 'preact'
import type { EventRowFragment } from '../api/page-documents.ts'
import { clientOf } from '../parts/client-name.ts'
import { Action, categoryOf } from '../parts/event-words.tsx'
import { Name } from '../parts/name.tsx'
import { words as parts } from '../parts/parts.words.ts'
import { nameOf, Principal } from '../parts/principal-name.tsx'
import { When } from '../parts/when.tsx'
import { go, view } from '../view/page-address.ts'
import type { Column, View } from '../view/view.ts'
import { words } from './list.words.ts'

export interface EventRowProps {
  readonly event: EventRowFragment
  /** The row's index in the list. */
  readonly index: number
  /** From the top of the body, in pixels. */
  readonly offset: number
  /** Arrived live. */
  readonly fresh: boolean
}

/** Can be reached with the arrow keys; roving.ts chooses the only one in the whole list that Tab reaches. */
const STOP = { tabIndex: -1, 'data-stop': true }

export function EventRow({ event, index, offset, fresh }: EventRowProps) {
  const t = words()
  const { action, category, principal, resource, ipAddress, userAgent } = event
  const only = parts().only(nameOf(principal))
  const has = (name: Column) => !view.value.hidden.includes(name)
  return (
    <tr
      class={fresh ? 'event fresh' : 'event'}
      aria-current={view.value.eventId === event.eventId}
      aria-rowindex={index + 2}
      data-index={index}
      style={{ transform: `translateY(${offset}px)` }}
    >
      <td class="date" {...STOP}>
        <When at={event.createdAt} />
        {fresh && <span class="new hidden">{t.fresh}</span>}
      </td>
      {has('action') && (
        <td class="of-action">
          <Only change={{ actions: [action] }}>
            <Action of={event} />
          </Only>
        </td>
      )}
      {has('category') && (
        <td class="of-category">
          <Only change={{ categories: [category] }}>{categoryOf(event)}</Only>
        </td>
      )}
      {has('resource') && (
        <td class="of-resource">
          <Only change={{ resourceIds: [resource.resourceId] }} title={resource.resourceId}>
            {resource.name === null ? (
              <span class="mono">{resource.resourceId}</span>
            ) : (
              <Name of={resource.name} />
            )}
          </Only>
          {resource.bearer !== null && resource.bearer.principalId !== principal.principalId && (
            <span class="bearer">
              <Name of={nameOf(resource.bearer)} />
            </span>
          )}
        </td>
      )}
      {has('principal') && (
        <td class="of-principal">
          <span class="by">{t.by}</span>
          <Principal of={principal} tabIndex={-1} />
          <button
            type="button"
            class="icon only"
            aria-label={only}
            title={only}
            onClick={() => go({ principalIds: [principal.principalId] })}
            {...STOP}
          />
        </td>
      )}
      {has('from') && (
        <td class="of-from">
          {ipAddress !== null && <Only change={{ ipAddresses: [ipAddress] }}>{ipAddress}</Only>}
          {userAgent !== null && <span title={userAgent}>{clientOf(userAgent)}</span>}
        </td>
      )}
      <td class="of-more">
        <button
          type="button"
          class="icon more"
          aria-label={t.more}
          title={t.more}
          onClick={() => go({ eventId: event.eventId })}
          {...STOP}
        >
          <span aria-hidden="true">›</span>
        </button>
      </td>
    </tr>
  )
}

/** A row whose event is loading. */
export function WaitingRow({ index, offset }: Pick<EventRowProps, 'index' | 'offset'>) {
  return (
    <tr
      class="event waiting"
      aria-rowindex={index + 2}
      data-index={index}
      style={{ transform: `translateY(${offset}px)` }}
    >
      <td class="date">
        <span class="hidden">{words().loading}</span>
      </td>
    </tr>
  )
}

interface OnlyProps {
  readonly change: Partial<View>
  readonly title?: string
  readonly children: ComponentChildren
}

/** A value that filters by itself when clicked. */
function Only({ change, title, children }: OnlyProps) {
  return (
    <button type="button" class="plain" title={title} onClick={() => go(change)} {...STOP}>
      {children}
    </button>
  )
}
