// What was done to a principal, newest first: who made it, changed it, removed it. The log keeps that of who left.

import type { EventRowFragment } from '../api/documents.ts'
import { Action } from '../parts/event-words.tsx'
import { Principal } from '../parts/principal.tsx'
import { When } from '../parts/when.tsx'
import { addressOf, follow } from '../view/address.ts'
import { NO_FILTER } from '../view/view.ts'
import { words } from './principal.words.ts'

const SHOWN = 5

/** `events`: one more than are shown says that there are more. */
export function DoneTo({ id, events }: { id: string; events: readonly EventRowFragment[] }) {
  const t = words()
  if (events.length === 0) return null
  const all = { ...NO_FILTER, principalId: null, eventId: null, resourceIds: [id] }
  return (
    <section class="done-to" aria-labelledby="done-to">
      <h3 id="done-to">{t.doneTo}</h3>
      <ul>
        {events.slice(0, SHOWN).map(event => {
          const more = { eventId: event.eventId }
          return (
            <li key={event.eventId}>
              <Action of={event} />
              <span>
                {t.by} <Principal of={event.principal} />
              </span>
              <a href={addressOf(more)} onClick={click => follow(click, more)}>
                <When at={event.createdAt} brief />
              </a>
            </li>
          )
        })}
      </ul>
      <a href={addressOf(all)} onClick={click => follow(click, all)}>
        {events.length > SHOWN ? t.allDoneTo : t.inTheLog}
      </a>
    </section>
  )
}
