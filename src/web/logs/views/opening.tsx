// Opens a link that contains only a saved view's name: nothing is shown until the view is loaded.

import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { go, view } from '../view/page-address.ts'
import { pageQueryOf, shownBy } from '../view/view.ts'
import { named, useViews } from './use-views.ts'
import { words } from './views.words.ts'

export function Opening({
  organizationId,
  children,
}: {
  organizationId: string
  children: ComponentChildren
}) {
  const { savedView } = view.value
  const name = savedView !== null && pageQueryOf(view.value) === '' ? savedView : null
  const views = useViews(organizationId, name !== null)
  const found = name === null ? undefined : named(views ?? [], name)
  useEffect(() => {
    if (found !== undefined) go(shownBy(found), { quietly: true })
  }, [found])
  const t = words()
  const waits = name !== null && (views === undefined || (found?.pageQuery ?? '') !== '')
  if (waits)
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
