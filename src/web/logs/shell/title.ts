// The tab's title: the view, then the Organization, then the page, so that tabs are easy to distinguish.

import { useQuery } from '@tanstack/preact-query'
import { useEffect } from 'preact/hooks'
import type { PrincipalQuery } from '../api/page-documents.ts'
import { useWho } from '../counted/who.ts'
import { words as common } from '../parts/parts.words.ts'
import { nameById } from '../parts/principal-name.tsx'
import { isUntilNow, rangeText } from '../parts/range-text.ts'
import { visible } from '../parts/visible.ts'
import { principalKey } from '../principal/principal-page.tsx'
import { view } from '../view/page-address.ts'
import type { View } from '../view/view.ts'
import { words } from './shell.words.ts'

/** Browsers cut longer titles. */
const LONGEST = 120

/** Renders nothing; sets the tab's title while it is mounted. `name`: the Organization's name. */
export function Title({ organizationId, name }: { organizationId: string; name: string }): null {
  const shown = view.value
  const { title } = words()
  const principals = useNames(organizationId, shown)
  const what = subjects(shown, principals).join(', ').slice(0, LONGEST)
  const text = [what, visible(name), title].filter(Boolean).join(' · ')

  useEffect(() => {
    document.title = text
    return () => {
      document.title = title
    }
  }, [text, title])
  return null
}

/** The names of the principals that are filtered by or shown; sends no request that the page does not send anyway. */
function useNames(organizationId: string, { principalId, principalIds }: View): string[] {
  const who = useWho(organizationId, principalId === null ? principalIds : [])
  const { data } = useQuery<PrincipalQuery>({
    queryKey: principalKey(organizationId, principalId),
    enabled: false,
  })
  if (principalId !== null) return [nameById(principalId, data?.organization?.principal)]
  return principalIds.map((id, at) => nameById(id, who[at]))
}

function subjects(shown: View, principals: readonly string[]): string[] {
  const { actions, categories } = common()
  const dated = !isUntilNow(shown, null)
  return [
    ...(shown.eventId === null ? [] : [common().event]),
    ...principals,
    ...shown.actions.map(one => actions[one]),
    ...shown.categories.map(one => categories[one]),
    ...[...shown.resourceIds, ...shown.ipAddresses, ...shown.userAgents].map(visible),
    ...(dated ? [rangeText(shown)] : []),
  ]
}
