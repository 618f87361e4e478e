// The saved views that the viewer may see, and changes to them.

import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import { SavedViewsDocument, type SavedViewsQuery } from '../api/page-documents.ts'

export type SavedView = NonNullable<SavedViewsQuery['organization']>['savedViews'][number]

/** `undefined` until loaded. Requested only if `wanted`. */
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

export interface Change {
  readonly send: () => Promise<unknown>
  /** The message after the change; the data of the mutation. */
  readonly done: string
}

/** Ends when the list contains the change. */
export function useChange(organizationId: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ send, done }: Change) => send().then(() => done),
    onSettled: () => queries.invalidateQueries({ queryKey: ['views', organizationId] }),
  })
}

/** Of several views with one name: the viewer's own before those shared by others. */
export function named(views: readonly SavedView[], name: string): SavedView | undefined {
  const all = views.filter(view => view.name === name)
  return all.find(({ mine }) => mine) ?? all[0]
}
