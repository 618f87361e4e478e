// Events with their principal and resource as the viewer may see them now; the events themselves never change.

import type { RecordedEvent } from '../event.ts'
import type { LogReader } from '../log-reader.ts'
import {
  type DirectoryEntry,
  LISTED_KINDS,
  type Principal,
  principalFor,
  resourceName,
} from '../principal.ts'

export interface EnrichedEvent {
  readonly event: RecordedEvent
  readonly principal: Principal
  /** `null` if it was deleted, is hidden or has no name. */
  readonly resourceName: string | null
}

/** In the order of the events. */
export type Enricher = (events: readonly RecordedEvent[]) => Promise<EnrichedEvent[]>

/** Milliseconds for which entries are cached: erased names must not be used for longer. */
const MAX_AGE = 2_000
const MAX_ENTRIES = 20_000

/** For events of one Organization. At most one statement per call. */
export function createEnricher(log: LogReader, organizationId: string): Enricher {
  const known = new Map<string, DirectoryEntry | null>()
  let since = 0

  return async events => {
    if (performance.now() - since > MAX_AGE || known.size > MAX_ENTRIES) {
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

/** The IDs that can be in the directory. */
function* idsIn(event: RecordedEvent, { scalewayIds }: LogReader): Generator<string> {
  if (!scalewayIds.always.has(event.principalId)) yield event.principalId
  if ((LISTED_KINDS as readonly string[]).includes(event.category)) yield event.resourceId
}
