// Who the principals are that are filtered by: known by ID alone where nobody here can tell.

import { useQueries } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import { WhoIsDocument } from '../api/page-documents.ts'
import type { PrincipalLike } from '../parts/principal-name.tsx'

/** In the order of the IDs; `null` where the ID is all there is, or is not yet looked up. */
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
