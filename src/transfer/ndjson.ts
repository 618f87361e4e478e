// Events as NDJSON with Scaleway's own field names, so that programs for Scaleway's logs and `iam-logs import` can read
// them; fields of this archive are added. The last line is the trailer.

import type { Position } from '../event.ts'
import { formatInstant, parseInstant } from '../instant.ts'
import type { EnrichedEvent } from './enriched-event.ts'
import type { ExportFormat, Trailer } from './export-format.ts'

export type Row = ReturnType<typeof rowOf>

/** The order of the fields is part of the formats. */
export function rowOf({ event, principal, resourceName }: EnrichedEvent) {
  return {
    id: event.id,
    created_at: formatInstant(event.createdAt),
    action: event.action,
    resource_type: event.category,
    resource_id: event.resourceId,
    resource_name: resourceName,
    bearer_id: event.principalId,
    principal_kind: principal.kind,
    principal_name: principal.name,
    ip: event.ipAddress,
    user_agent: event.userAgent,
    organization_id: event.organizationId,
    recorded_at: formatInstant(event.recordedAt),
  }
}

export const NDJSON: ExportFormat = {
  name: 'ndjson',
  mediaType: 'application/x-ndjson',
  extension: '.ndjson',
  header: '',
  rows: events => lines(events.map(rowOf)),
  trailer: trailerLine,
  quotes: false,
  placeOf(row) {
    const { id, created_at: date } = parsed(row)
    return placeFrom(id, date)
  },
}

export function lines(objects: readonly object[]): string {
  return objects.map(object => `${JSON.stringify(object)}\n`).join('')
}

/** A field that no event has. */
const TRAILER = 'iam_logs_export'

export function trailerLine(trailer: Trailer): readonly [start: string, end: string] {
  const { organizationId, snapshot, events, first, last } = trailer
  const content = { organization_id: organizationId, snapshot, events, first, last, sha256: '' }
  const text = JSON.stringify({ [TRAILER]: content })
  return [text.slice(0, -'"}}'.length), '"}}\n']
}

/** The number of events stated in a trailer; `null` if the item is not a trailer. */
export function eventsByTrailer(item: unknown): number | null {
  if (typeof item !== 'object' || item === null || !(TRAILER in item)) return null
  const content = item[TRAILER]
  if (typeof content !== 'object' || content === null || !('events' in content)) return null
  return typeof content.events === 'number' ? content.events : null
}

// biome-ignore lint/suspicious/noExplicitAny: a line of a file somebody has
export function parsed(row: string): any {
  try {
    return JSON.parse(row) ?? {}
  } catch {
    return {}
  }
}

export function placeFrom(id: unknown, date: unknown): Position | null {
  const createdAt = typeof date === 'string' ? parseInstant(date) : null
  return typeof id === 'string' && createdAt !== null ? { id, createdAt } : null
}
