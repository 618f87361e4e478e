// The coverage: which periods the archive has completely. One request for all parts of the page that show it.

import { useQuery } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import { CoverageDocument, type CoverageQuery } from '../api/page-documents.ts'
import { asOf } from '../view/page-address.ts'

export type Coverage = NonNullable<CoverageQuery['organization']>['coverage']

/** `undefined` until loaded. `every`: the interval between requests, in milliseconds. */
export function useCoverage(organizationId: string, every?: number): Coverage | undefined {
  const { data } = useQuery({
    queryKey: ['coverage', organizationId, asOf.value],
    queryFn: ({ signal }) => ask(CoverageDocument, { organizationId }, signal),
    placeholderData: (before, query) =>
      query?.queryKey[1] === organizationId ? before : undefined,
    ...(every !== undefined && { refetchInterval: every }),
  })
  return data?.organization?.coverage
}
