// The principals that the view is filtered by. If the viewer may not see one, only its ID is known.

import { useQueries } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import { WhoIsDocument } from '../api/page-documents.ts'
import type { PrincipalLike } from '../parts/principal-name.tsx'

/** In the order of the IDs; `null` if only the ID is known, or the principal is not loaded yet. */
export function useWho(organizationId: string, ids: readonly string[]): (PrincipalLike | null)[] {
  return useQueries({
    queries: ids.map(id => ({
      queryKey: ['who', organizationId, id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        ask(WhoIsDocument, { organizationId, id }, signal),
    })),
    combine: results => results.map(({ data }) => data?.organization?.principal ?? null),
  })
}
