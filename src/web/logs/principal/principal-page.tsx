// Not written yet.

import type { EventFilter } from '../api/documents.ts'

export function PrincipalPage(_: { organizationId: string; principalId: string }) {
  return null
}

export type _ = EventFilter
