// The tab's title: the view, then the Organization, then the page, so that tabs are easy to distinguish.

import { useEffect } from 'preact/hooks'
import { PrincipalDocument } from '../api/page-documents.ts'
import { useAnswer, useOrganization } from '../parts/answers.ts'
import { words as common } from '../parts/parts.words.ts'
import { nameById, useWho } from '../parts/principal-name.tsx'
import { isUntilNow, rangeText } from '../parts/range-text.ts'
import { visible } from '../parts/visible.ts'
import { view } from '../view/page-address.ts'
import { words as t } from './shell.words.ts'

/** Browsers cut longer titles. */
const LONGEST = 120

/** Renders nothing; sets the tab's title while it is mounted. */
export function Title(): null {
  const { name } = useOrganization()
  const what = useSubjects().join(', ').slice(0, LONGEST)
  const text = [what, visible(name), t.title].filter(Boolean).join(' · ')

  useEffect(() => {
    document.title = text
    return () => {
      document.title = t.title
    }
  }, [text])
  return null
}

/** Sends no request for names that the page does not send anyway. */
function useSubjects(): string[] {
  const shown = view.value
  const { principalId, principalIds } = shown
  const who = useWho(principalId === null ? principalIds : [])
  const variables = { principalId: principalId ?? '' }
  const { data } = useAnswer(PrincipalDocument, variables, { enabled: false })
  const principals =
    principalId === null
      ? principalIds.map((id, at) => nameById(id, who[at]))
      : [nameById(principalId, data?.organization?.principal)]
  return [
    ...(shown.eventId === null ? [] : [common.event]),
    ...principals,
    ...shown.actions.map(one => common.actions[one]),
    ...shown.categories.map(one => common.categories[one]),
    ...[...shown.resourceIds, ...shown.ipAddresses, ...shown.userAgents].map(visible),
    ...(isUntilNow(shown, null) ? [] : [rangeText(shown)]),
  ]
}
