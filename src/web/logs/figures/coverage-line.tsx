// Not written yet.

import type { EventFilter } from '../api/documents.ts'

export function CoverageLine(_: { organizationId: string }) {
  return null
}

export type _ = EventFilter
