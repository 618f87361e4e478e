// Not written yet.

import type { EventFilter } from '../api/documents.ts'

export function Histogram(_: { organizationId: string; filter: EventFilter }) {
  return null
}

export type _ = EventFilter
