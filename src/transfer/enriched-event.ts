// An event as it leaves the archive: with what the viewer may know of who acted and of what it is about. The
// event never changes; what is told of its IDs is so at the moment it is told.

import type { RecordedEvent } from '../event.ts'
import {
  type DirectoryEntry,
  LISTED_KINDS,
  type Principal,
  principalFor,
  resourceName,
} from '../principal.ts'
import type { LogReader } from '../store.ts'

export interface EnrichedEvent {
  readonly event: RecordedEvent
  readonly principal: Principal
  /** As in the graph: `null` where it is gone, hidden or nameless. */
  readonly resourceName: string | null
}

/** As long as the events and in their order. */
export type Enricher = (events: readonly RecordedEvent[]) => Promise<EnrichedEvent[]>

/** Whatever was looked up is asked again after so long, in milliseconds: a name that was erased is not told on. */
const KEPT = 2_000
const MOST_KEPT = 20_000

/** For events of one Organization. One statement a call at most. */
export function createEnricher(log: LogReader, organizationId: string): Enricher {
  const known = new Map<string, DirectoryEntry | null>()
  let since = 0

  return async events => {
    if (performance.now() - since > KEPT || known.size > MOST_KEPT) {
      known.clear()
      since = performance.now()
    }
    const wanted = new Set<string>()
    for (const event of events) {
      for (const id of idsIn(event, log)) if (!known.has(id)) wanted.add(id)
    }
    if (wanted.size > 0) {
      const ids = [...wanted]
      const entries = await log.directory(ids.map(id => ({ organizationId, id })))
      for (const [at, id] of ids.entries()) known.set(id, entries[at] ?? null)
    }
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
}

/** The IDs the directory may know. */
function* idsIn(event: RecordedEvent, { scalewayIds }: LogReader): Generator<string> {
  if (!scalewayIds.always.has(event.principalId)) yield event.principalId
  if ((LISTED_KINDS as readonly string[]).includes(event.category)) yield event.resourceId
}
