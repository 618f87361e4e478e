// The page as a whole: shows the sign-in page until the viewer is signed in, then loads the viewer and shows what the
// address asks for, also in the tab's title.

import { QueryClientProvider, useQuery } from '@tanstack/preact-query'
import { useEffect, useState } from 'preact/hooks'
import { createQueries, query, Refused, reachable } from '../api/ask.ts'
import { BeginDocument, PrincipalDocument } from '../api/page-documents.ts'
import { account } from '../api/session.ts'
import { Facets } from '../figures/facets.tsx'
import { Histogram } from '../figures/histogram.tsx'
import { FilterBar } from '../filters/filter-bar.tsx'
import { EventDetails } from '../list/event-details.tsx'
import { EventList } from '../list/event-list.tsx'
import { LiveToggle } from '../list/list-head.tsx'
import { NO_ORGANIZATION, Organization, useAnswer, useOrganization } from '../parts/answers.ts'
import { words as common } from '../parts/parts.words.ts'
import { isUntilNow, rangeText } from '../parts/range-text.ts'
import { refusalOf } from '../parts/refusal.ts'
import { nameById, useWho } from '../parts/shown-names.tsx'
import { visible } from '../parts/texts.ts'
import { PrincipalPage } from '../principal/principal-page.tsx'
import { Tools } from '../tools/tools.tsx'
import { unknownNames, view } from '../view/page-address.ts'
import { Opening, ViewsMenu } from '../views/views-menu.tsx'
import { Header, SignOut } from './header.tsx'
import { words as t } from './shell.words.ts'
import { SignIn } from './sign-in.tsx'
import './shell.css'

export function App() {
  const asks = account.value
  if (asks === null)
    return (
      <main>
        <SignIn />
      </main>
    )
  if (asks !== undefined) return <Session key={asks} />
  return (
    <main class="empty" aria-busy="true">
      <p role="status">{common.loading}</p>
    </main>
  )
}

/** Lives as long as the same viewer is signed in: data of one viewer must not be shown to the next. */
function Session() {
  const [queries] = useState(createQueries)
  useEffect(() => () => queries.clear(), [queries])
  return (
    <QueryClientProvider client={queries}>
      <Signed />
    </QueryClientProvider>
  )
}

function Signed() {
  const { data, error } = useQuery(query(BeginDocument, {}))
  const { organizationId } = view.value
  if (data === undefined) {
    return (
      <main class="empty" aria-busy={error === null}>
        <Notices />
        <p role="status">{refusalOf(error, { FORBIDDEN: t.noRights }) ?? common.loading}</p>
        {/* Names the person as the identity provider does, and the command that grants rights. */}
        {error instanceof Refused && error.code === 'FORBIDDEN' && (
          <p>
            <code>{error.message}</code>
          </p>
        )}
        {error !== null && <SignOut />}
      </main>
    )
  }
  const { organizations } = data
  const found =
    organizationId === null
      ? organizations[0]
      : organizations.find(one => one.id === organizationId)
  const shown = found && { id: found.id, name: found.name ?? found.id }
  return (
    <Organization.Provider value={shown ?? NO_ORGANIZATION}>
      <Header {...data} />
      <Notices />
      {shown === undefined ? (
        <main class="empty">
          <p>
            {organizationId === null ? t.noOrganization : t.notThisOrganization(organizationId)}
          </p>
        </main>
      ) : (
        <Log key={shown.id} />
      )}
    </Organization.Provider>
  )
}

/** The server is not responding, or a part of the link is not valid. */
function Notices() {
  return (
    <div aria-live="polite">
      {!reachable.value && <p class="notice warning">{t.unreachable}</p>}
      {unknownNames.value.length > 0 && (
        <p class="notice">{t.unknownInLink(unknownNames.value.join(', ').slice(0, 100))}</p>
      )}
    </div>
  )
}

/** Filters, counts and the list, all of the same events; or a principal's page; and the details of one event. */
function Log() {
  const { principalId, eventId } = view.value
  return (
    <main>
      <Title key={principalId} />
      <Opening>
        {principalId === null ? (
          <div class="log-page">
            <div class="bar row">
              <FilterBar />
              <ViewsMenu />
              <LiveToggle />
              <Tools />
            </div>
            <Facets />
            <Histogram />
            <EventList />
          </div>
        ) : (
          <PrincipalPage key={principalId} principalId={principalId} />
        )}
      </Opening>
      {eventId !== null && <EventDetails eventId={eventId} />}
    </main>
  )
}

/** Browsers cut longer titles. */
const LONGEST = 120

/** Renders nothing; sets the tab's title while it is mounted. */
function Title(): null {
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
