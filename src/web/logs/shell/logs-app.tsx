// The page as a whole: shows the sign-in page until the viewer is signed in, then loads the viewer and shows what the
// address asks for.

import { QueryClientProvider, useQuery } from '@tanstack/preact-query'
import { useEffect, useState } from 'preact/hooks'
import { ask, createQueries } from '../api/ask.ts'
import { BeginDocument } from '../api/page-documents.ts'
import { account } from '../api/session.ts'
import { EventDetails } from '../list/event-details.tsx'
import { refusalOf } from '../parts/refusal.ts'
import { PrincipalPage } from '../principal/principal-page.tsx'
import { view } from '../view/page-address.ts'
import { Opening } from '../views/opening.tsx'
import { Header } from './header.tsx'
import { LogPage } from './log-page.tsx'
import { Notices } from './notices.tsx'
import { SignOut } from './settings.tsx'
import { words } from './shell.words.ts'
import { SignIn } from './sign-in.tsx'
import { Title } from './title.ts'
import './shell.css'

export function App() {
  const asks = account.value
  if (asks === null) return <SignIn />
  return asks === undefined ? <Loading /> : <Session key={asks} />
}

function Loading() {
  return (
    <main class="empty" aria-busy="true">
      <p role="status">{words().loading}</p>
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
  const { data, error } = useQuery({
    queryKey: ['begin'],
    queryFn: ({ signal }) => ask(BeginDocument, {}, signal),
  })
  const t = words()
  const { organizationId, principalId, eventId } = view.value
  if (data === undefined) {
    return (
      <main class="empty" aria-busy={error === null}>
        <Notices />
        <p role="status">{refusalOf(error) ?? t.loading}</p>
        {error !== null && <SignOut />}
      </main>
    )
  }
  const [first] = data.organizations
  const organization =
    organizationId === null ? first : data.organizations.find(({ id }) => id === organizationId)
  const name = organization?.name ?? organization?.id ?? ''
  return (
    <>
      <Header viewer={data.viewer} organizations={data.organizations} organization={organization} />
      <Notices />
      {organization === undefined ? (
        <main class="empty">
          <p>
            {organizationId === null ? t.noOrganization : t.notThisOrganization(organizationId)}
          </p>
        </main>
      ) : (
        <main>
          <Title organizationId={organization.id} name={name} />
          <Opening key={organization.id} organizationId={organization.id}>
            {principalId === null ? (
              <LogPage organizationId={organization.id} name={name} />
            ) : (
              <PrincipalPage
                key={principalId}
                organizationId={organization.id}
                organizationName={name}
                principalId={principalId}
              />
            )}
          </Opening>
          {eventId !== null && (
            <EventDetails
              key={organization.id}
              organizationId={organization.id}
              eventId={eventId}
            />
          )}
        </main>
      )}
    </>
  )
}
