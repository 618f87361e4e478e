// The saved views that the viewer may see, and what it does with them: after each deed they are asked for anew.

import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import {
  type SavedViewRowFragment,
  SavedViewsDocument,
  type TypedDocumentString,
} from '../api/documents.ts'

export type SavedView = SavedViewRowFragment

/** `undefined` until they are there. Not asked for unless `wanted`. */
export function useViews(
  organizationId: string,
  wanted: boolean,
): readonly SavedView[] | undefined {
  const { data } = useQuery({
    queryKey: ['views', organizationId],
    enabled: wanted,
    queryFn: ({ signal }) => ask(SavedViewsDocument, { organizationId }, signal),
  })
  return data && (data.organization?.savedViews ?? [])
}

interface Deed {
  readonly document: TypedDocumentString<unknown, never>
  readonly variables: object
}

/** Ends when the list is that of after the deed. A refusal is what it rejects with. */
export function useDeeds(organizationId: string) {
  const queries = useQueryClient()
  return useMutation({
    networkMode: 'always',
    retry: false,
    mutationFn: ({ document, variables }: Deed) => ask(document, variables as never),
    onSettled: () => queries.invalidateQueries({ queryKey: ['views', organizationId] }),
  })
}

/** Of several with one name: the viewer's own, before what others share. */
export function named(views: readonly SavedView[], name: string): SavedView | undefined {
  const all = views.filter(view => view.name === name)
  return all.find(({ mine }) => mine) ?? all[0]
}
