// Not written yet.

import type { EventFilter } from '../api/documents.ts'

export function Tools(_: { organizationId: string; filter: EventFilter }) {
  return null
}

export type _ = EventFilter
