// What the archive knows to be complete, asked for once for all parts of the page that tell of it.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import { CoverageDocument, type CoverageQuery } from '../api/documents.ts'
import { asOf } from '../view/address.ts'

export type Coverage = NonNullable<CoverageQuery['organization']>['coverage']

/** `undefined` until it is known; asked for again every minute. */
export function useCoverage(organizationId: string): Coverage | undefined {
  const { data } = useQuery({
    queryKey: ['coverage', organizationId, asOf.value],
    queryFn: ({ signal }) => ask(CoverageDocument, { organizationId }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })
  return data?.organization?.coverage
}
