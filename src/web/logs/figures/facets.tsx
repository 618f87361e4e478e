// Not written yet.

import type { EventFilter } from '../api/documents.ts'

export function Facets(_: { organizationId: string; filter: EventFilter }) {
  return null
}

export type _ = EventFilter
