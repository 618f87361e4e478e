// A principal's data in the Organization's directory, and when it was first and last active. Unknown facts are left
// out; for a principal hidden from the viewer there is only the activity in the log.

import type { PrincipalQuery } from '../api/page-documents.ts'
import { When } from '../parts/event-words.tsx'
import { Fact } from '../parts/name.tsx'
import { ViewLink } from '../parts/view-link.tsx'
import { words } from './principal.words.ts'

type PrincipalDetails = NonNullable<NonNullable<PrincipalQuery['organization']>['principal']>

export function Facts({ of }: { of: PrincipalDetails }) {
  const t = words()
  const [oldest] = of.oldest.nodes
  const [newest] = of.newest.nodes
  return (
    <section class="facts" aria-label={t.facts}>
      <dl>
        {of.__typename === 'User' && <UserFacts of={of} />}
        {of.__typename === 'Application' && (
          <>
            <Fact name={t.description}>{of.description}</Fact>
            <Fact name={t.managed}>{of.managed !== null && (of.managed ? t.yes : t.no)}</Fact>
            <Fact name={t.made}>{when(of.createdAt)}</Fact>
            <Fact name={t.changed}>{when(of.updatedAt)}</Fact>
          </>
        )}
        <Fact name={t.firstSeen}>{oldest && <Seen event={oldest} />}</Fact>
        <Fact name={t.lastSeen}>{newest && <Seen event={newest} />}</Fact>
      </dl>
      {newest === undefined && <p class="quiet">{t.neverActed}</p>}
    </section>
  )
}

function UserFacts({ of }: { of: Extract<PrincipalDetails, { __typename: 'User' }> }) {
  const t = words()
  const full = [of.firstName, of.lastName].filter(Boolean).join(' ')
  return (
    <>
      <Fact name={t.fullName}>{full !== of.name && full}</Fact>
      <Fact name={t.username}>{of.username}</Fact>
      <Fact name={t.email}>{of.email}</Fact>
      <Fact name={t.standing}>{of.type && (t.standings[of.type] ?? of.type)}</Fact>
      <Fact name={t.mfa}>{of.mfa !== null && (of.mfa ? t.on : t.off)}</Fact>
      <Fact name={t.locked}>{of.locked && t.yes}</Fact>
      <Fact name={t.lastLogin}>{when(of.lastLoginAt)}</Fact>
      <Fact name={t.memberSince}>{when(of.createdAt)}</Fact>
      <Fact name={t.changed}>{when(of.updatedAt)}</Fact>
    </>
  )
}

function when(at: string | null) {
  return at && <When at={at} />
}

function Seen({ event }: { event: { eventId: string; createdAt: string } }) {
  return (
    <ViewLink to={{ eventId: event.eventId }}>
      <When at={event.createdAt} />
    </ViewLink>
  )
}
