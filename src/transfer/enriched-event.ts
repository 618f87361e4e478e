// Events with their principal and resource as the viewer may see them now; the events themselves never change.

import type { RecordedEvent } from '../event.ts'
import type { LogReader } from '../log-reader.ts'
import {
  LISTED_KINDS,
  type Principal,
  principalFor,
  resourceName,
  type ScalewayIds,
} from '../principal.ts'

export interface EnrichedEvent {
  readonly event: RecordedEvent
  readonly principal: Principal
  /** `null` if it was deleted, is hidden or has no name. */
  readonly resourceName: string | null
}

/** Events of one Organization, in their order. At most one statement. */
export async function enrich(
  log: LogReader,
  organizationId: string,
  events: readonly RecordedEvent[],
): Promise<EnrichedEvent[]> {
  const ids = [...new Set(events.flatMap(event => idsIn(event, log.scalewayIds)))]
  const entries = await log.directory(ids.map(id => ({ organizationId, id })))
  const known = new Map(ids.map((id, at) => [id, entries[at] ?? null]))
  return events.map(event => ({
    event,
    principal: principalFor(
      { organizationId, id: event.principalId },
      known.get(event.principalId) ?? null,
      log.scalewayIds,
    ),
    resourceName: resourceName(event, known.get(event.resourceId) ?? null),
  }))
}

/** The IDs that can be in the directory. */
function idsIn({ principalId, resourceId, category }: RecordedEvent, { always }: ScalewayIds) {
  const mayBeListed = (LISTED_KINDS as readonly string[]).includes(category)
  return [...(always.has(principalId) ? [] : [principalId]), ...(mayBeListed ? [resourceId] : [])]
}
