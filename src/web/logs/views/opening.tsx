// The saved views that the viewer may see, and the opening of one by a link that contains only its name.

import { useQuery } from '@tanstack/preact-query'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { query } from '../api/ask.ts'
import { SavedViewsDocument, type SavedViewsQuery } from '../api/page-documents.ts'
import { useOrganization } from '../parts/answers.ts'
import { go, view } from '../view/page-address.ts'
import { pageQueryOf, shownBy } from '../view/view.ts'
import { words } from './views.words.ts'

export type SavedView = NonNullable<SavedViewsQuery['organization']>['savedViews'][number]

/** `undefined` until loaded. Requested only if `enabled`. */
export function useViews(enabled: boolean): readonly SavedView[] | undefined {
  const { id: organizationId } = useOrganization()
  const { data } = useQuery({ ...query(SavedViewsDocument, { organizationId }), enabled })
  return data && (data.organization?.savedViews ?? [])
}

/** Of several views with one name: the viewer's own before those shared by others. */
export function named(views: readonly SavedView[], name: string): SavedView | undefined {
  const all = views.filter(view => view.name === name)
  return all.find(({ mine }) => mine) ?? all[0]
}

/** Nothing is shown until the view is loaded. */
export function Opening({ children }: { children: ComponentChildren }) {
  const t = words()
  const { savedView } = view.value
  const name = savedView !== null && pageQueryOf(view.value) === '' ? savedView : null
  const views = useViews(name !== null)
  const found = name === null ? undefined : named(views ?? [], name)
  useEffect(() => {
    if (found !== undefined) go(shownBy(found), { quietly: true })
  }, [found])
  if (name !== null && (views === undefined || (found?.pageQuery ?? '') !== ''))
    return (
      <p class="empty" role="status" aria-busy={true}>
        {t.opening}
      </p>
    )
  return (
    <>
      {name !== null && found === undefined && (
        <p class="notice" role="status">
          {t.noSuchView(name)}
        </p>
      )}
      {children}
    </>
  )
}
