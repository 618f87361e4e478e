// One event in the list. Each value is a button that filters by it.

import type { ComponentChildren } from 'preact'
import type { EventRowFragment } from '../api/page-documents.ts'
import { clientOf } from '../parts/client-name.ts'
import { Button, type ButtonProps, Sign } from '../parts/controls.tsx'
import { Action, categoryOf, When } from '../parts/event-words.tsx'
import { words as common } from '../parts/parts.words.ts'
import { Name, nameOf, Principal } from '../parts/shown-names.tsx'
import { go, view } from '../view/page-address.ts'
import type { Column, View } from '../view/view.ts'
import { words as t } from './list.words.ts'

interface EventRowProps {
  readonly event: EventRowFragment
  /** The row's index in the list. */
  readonly index: number
  /** Arrived live. */
  readonly fresh: boolean
}

/** Can be reached with the arrow keys; roving.ts chooses the only one in the whole list that Tab reaches. */
const STOP = { tabIndex: -1, 'data-stop': true }

export function EventRow({ event, index, fresh }: EventRowProps) {
  const { action, category, principal, resource, ipAddress, userAgent } = event
  return (
    <tr
      class={fresh ? 'event fresh' : 'event'}
      aria-current={view.value.eventId === event.eventId}
      aria-rowindex={index + 2}
      data-index={index}
      style={{ transform: `translateY(calc(var(--row) * ${index}))` }}
    >
      <td class="date" style={{ gridArea: 'date' }} {...STOP}>
        <When at={event.createdAt} />
        {fresh && <span class="new hidden">{t.fresh}</span>}
      </td>
      <Cell of="action">
        <Only change={{ actions: [action] }}>
          <Action of={event} />
        </Only>
      </Cell>
      <Cell of="category">
        <Only change={{ categories: [category] }}>{categoryOf(event)}</Only>
      </Cell>
      <Cell of="resource">
        <Only change={{ resourceIds: [resource.resourceId] }} title={resource.resourceId}>
          {resource.name === null ? (
            <span class="mono">{resource.resourceId}</span>
          ) : (
            <Name of={resource.name} />
          )}
        </Only>
        {resource.bearer !== null && resource.bearer.principalId !== principal.principalId && (
          <span class="bearer quiet">
            · <Name of={nameOf(resource.bearer)} />
          </span>
        )}
      </Cell>
      <Cell of="principal">
        <span class="by quiet">{t.by}</span>
        <Principal of={principal} tabIndex={-1} />
        <Only
          class="icon only"
          label={common.only(nameOf(principal))}
          change={{ principalIds: [principal.principalId] }}
        >
          <Sign of="M2 3h12L9.5 8.5V14l-3-2V8.5z" />
        </Only>
      </Cell>
      <Cell of="from">
        {ipAddress !== null && <Only change={{ ipAddresses: [ipAddress] }}>{ipAddress}</Only>}
        {userAgent !== null && <span title={userAgent}>{clientOf(userAgent)}</span>}
      </Cell>
      <td class="of-more" style={{ gridArea: 'more' }}>
        <Only class="icon more" label={t.more} change={{ eventId: event.eventId }} text="›" />
      </td>
    </tr>
  )
}

/** Renders nothing if the column is hidden. */
function Cell({ of, children }: { of: Column; children: ComponentChildren }) {
  if (view.value.hidden.includes(of)) return null
  return (
    <td class={`of-${of}`} style={{ gridArea: of }}>
      {children}
    </td>
  )
}

/** A value or a sign that changes the view when clicked. */
function Only({ change, ...button }: ButtonProps & { readonly change: Partial<View> }) {
  return <Button class="plain" onClick={() => go(change)} {...STOP} {...button} />
}
