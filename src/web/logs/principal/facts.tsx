// What the Organization's directory says of a principal, and when it was first and last seen in the log. What nobody
// said is left out; of who may not be known there is nothing but the log.

import type { ComponentChildren } from 'preact'
import type { PrincipalQuery } from '../api/documents.ts'
import { Name } from '../parts/name.tsx'
import { When } from '../parts/when.tsx'
import { addressOf, follow } from '../view/address.ts'
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
        {of.__typename === 'Application' && <ApplicationFacts of={of} />}
        <Fact name={t.firstSeen} said={oldest && <Seen event={oldest} />} />
        <Fact name={t.lastSeen} said={newest && <Seen event={newest} />} />
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
      {full !== of.name && <Fact name={t.fullName} said={full} />}
      <Fact name={t.username} said={of.username} />
      <Fact name={t.email} said={of.email} />
      <Fact name={t.standing} said={of.type && (t.standings[of.type] ?? of.type)} />
      <Fact name={t.mfa} said={of.mfa === null ? null : of.mfa ? t.on : t.off} />
      {of.locked && <Fact name={t.locked} said={t.yes} />}
      <Fact name={t.lastLogin} said={of.lastLoginAt && <When at={of.lastLoginAt} />} />
      <Fact name={t.memberSince} said={of.createdAt && <When at={of.createdAt} />} />
      <Fact name={t.changed} said={of.updatedAt && <When at={of.updatedAt} />} />
    </>
  )
}

function ApplicationFacts({
  of,
}: {
  of: Extract<PrincipalDetails, { __typename: 'Application' }>
}) {
  const t = words()
  return (
    <>
      <Fact name={t.description} said={of.description} />
      <Fact name={t.managed} said={of.managed === null ? null : of.managed ? t.yes : t.no} />
      <Fact name={t.made} said={of.createdAt && <When at={of.createdAt} />} />
      <Fact name={t.changed} said={of.updatedAt && <When at={of.updatedAt} />} />
    </>
  )
}

function Fact({ name, said }: { name: string; said: ComponentChildren }) {
  if (said === null || said === undefined || said === '') return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{typeof said === 'string' ? <Name of={said} /> : said}</dd>
    </div>
  )
}

function Seen({
  event: { eventId, createdAt },
}: {
  event: { eventId: string; createdAt: string }
}) {
  const change = { eventId }
  return (
    <a href={addressOf(change)} onClick={click => follow(click, change)}>
      <When at={createdAt} />
    </a>
  )
}
