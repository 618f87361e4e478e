// Not written yet.

import type { EventFilter } from '../api/documents.ts'

export function EventDetails(_: { organizationId: string; eventId: string }) {
  return null
}

export type _ = EventFilter
