// Changes to a principal, newest first: who created, changed and removed it. The log also has those of removed
// principals.

import type { EventRowFragment } from '../api/page-documents.ts'
import { Action } from '../parts/event-words.tsx'
import { Principal } from '../parts/principal-name.tsx'
import { ALL_EVENTS, ViewLink } from '../parts/view-link.tsx'
import { When } from '../parts/when.tsx'
import { words } from './principal.words.ts'

/** `events`: the newest few. */
export function DoneTo({ id, events }: { id: string; events: readonly EventRowFragment[] }) {
  const t = words()
  if (events.length === 0) return null
  return (
    <section class="lines" aria-labelledby="done-to">
      <h3 id="done-to">{t.doneTo}</h3>
      <ul>
        {events.map(event => (
          <li key={event.eventId}>
            <Action of={event} />
            <span>
              {t.by} <Principal of={event.principal} />
            </span>
            <ViewLink to={{ eventId: event.eventId }}>
              <When at={event.createdAt} brief />
            </ViewLink>
          </li>
        ))}
      </ul>
      <ViewLink to={{ ...ALL_EVENTS, resourceIds: [id] }}>{t.allDoneTo}</ViewLink>
    </section>
  )
}
