// The Organization that is shown, and the API's answers about its log.

import { signal } from '@preact/signals'
import { keepPreviousData, type UseQueryOptions, useQuery } from '@tanstack/preact-query'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import type { TypedDocumentString } from '../api/page-documents.ts'
import { asOf } from '../view/page-address.ts'

/** The number of events that arrived live since the page was opened, and matched the view at that time. */
export const arrived = signal(0)

/** If there is none, or the viewer may not see it. */
export const NO_ORGANIZATION = { id: '', name: '' }

/** With its ID in place of a name that is not known. */
export const Organization = createContext(NO_ORGANIZATION)

export const useOrganization = () => useContext(Organization)

/** Of the log as it was when the view was requested; the previous answer stays until the next is there. */
export function useAnswer<Answer, Variables extends { readonly organizationId: string }>(
  document: TypedDocumentString<Answer, Variables>,
  given: Omit<NoInfer<Variables>, 'organizationId'>,
  options: Pick<UseQueryOptions<Answer>, 'enabled' | 'refetchInterval'> = {},
) {
  const { id } = useOrganization()
  const variables = { ...given, organizationId: id } as Variables
  return useQuery({
    ...options,
    queryKey: [document, variables, asOf.value],
    queryFn: ({ signal }) => ask(document, variables, signal),
    placeholderData: keepPreviousData,
  })
}
