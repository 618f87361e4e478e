// Not written yet.

import type { EventFilter } from '../api/documents.ts'

export function FilterBar(_: { organizationId: string }) {
  return null
}

export type _ = EventFilter
