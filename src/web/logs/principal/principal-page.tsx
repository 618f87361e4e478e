// One principal: its data, as far as the viewer may see it, the addresses and clients it used, changes to it, and its
// events. The log's filters apply here too, to the list but not to the numbers above it.

import {
  type EventRowFragment,
  type KeyFragment,
  PrincipalDocument,
  type PrincipalQuery,
} from '../api/page-documents.ts'
import { Histogram } from '../figures/histogram.tsx'
import { Conditions } from '../filters/condition-list.tsx'
import { EventList } from '../list/event-list.tsx'
import { LiveToggle } from '../list/list-head.tsx'
import { useAnswer } from '../parts/answers.ts'
import { ALL_EVENTS, ViewLink } from '../parts/controls.tsx'
import { Id } from '../parts/copy.tsx'
import { Action, When } from '../parts/event-words.tsx'
import { words as common } from '../parts/parts.words.ts'
import { refusalOf } from '../parts/refusal.ts'
import {
  Fact,
  Kind,
  Name,
  nameOf,
  Principal,
  PrincipalHint,
  type PrincipalLike,
} from '../parts/shown-names.tsx'
import { Tools } from '../tools/tools.tsx'
import { words as t } from './principal.words.ts'
import { PrincipalFigures } from './principal-figures.tsx'
import './principal.css'

export function PrincipalPage({ principalId }: { principalId: string }) {
  const { data, error } = useAnswer(PrincipalDocument, { principalId })
  const { principal = null, doneTo } = data?.organization ?? {}
  const acted = principal !== null && principal.newest.nodes.length > 0
  const done = doneTo && <DoneTo id={principalId} events={doneTo.nodes} />
  return (
    <div class="principal-page" aria-busy={data === undefined && error === null}>
      <ViewLink class="back" to={{ principalId: null, eventId: null }}>
        ← {t.back}
      </ViewLink>
      {error !== null && (
        <p role="alert" class="refused">
          {refusalOf(error)}
        </p>
      )}
      {data !== undefined && principal === null && <p role="status">{t.nobody(principalId)}</p>}
      {principal !== null && (
        <>
          <Heading of={principal} />
          <div class="about">
            <div>
              <Facts of={principal} />
              {done}
            </div>
            <div>
              {acted && <PrincipalFigures principalId={principalId} />}
              {'apiKeys' in principal && <ApiKeys keys={principal.apiKeys} />}
            </div>
          </div>
        </>
      )}
      {principal === null && done}
      {acted && (
        <section class="did" aria-labelledby="did">
          <div class="bar row">
            <h3 id="did">{t.did}</h3>
            <LiveToggle />
            <Tools />
          </div>
          <Conditions />
          <Histogram />
          <EventList />
        </section>
      )}
    </div>
  )
}

/** The ID remains when the name is no longer known. */
function Heading({ of }: { of: PrincipalLike }) {
  return (
    <div class="who row">
      <h2 class={of.__typename}>
        <Name of={nameOf(of)} />
      </h2>
      <Kind of={of} />
      <PrincipalHint of={of} />
      <Id text={of.principalId} what={common.id} />
    </div>
  )
}

/**
 * The newest changes to a principal: who created, changed and removed it. The log also has those of removed
 * principals.
 */
function DoneTo({ id, events }: { id: string; events: readonly EventRowFragment[] }) {
  if (events.length === 0) return null
  return (
    <section class="lines stack" aria-labelledby="done-to">
      <h3 id="done-to">{t.doneTo}</h3>
      <ul>
        {events.map(event => (
          <li key={event.eventId} class="row">
            <Action of={event} />
            <span>
              {t.by} <Principal of={event.principal} />
            </span>
            <ViewLink to={{ eventId: event.eventId }}>
              <When at={event.createdAt} brief />
            </ViewLink>
          </li>
        ))}
      </ul>
      <ViewLink to={{ ...ALL_EVENTS, resourceIds: [id] }}>{t.allDoneTo}</ViewLink>
    </section>
  )
}

const KEYS = 20

/** The current API keys, each with a link to the events on it. There is one key more than is shown, if there are more. */
function ApiKeys({ keys }: { keys: readonly KeyFragment[] }) {
  if (keys.length === 0) return null
  const shown = keys.slice(0, KEYS)
  return (
    <section class="lines stack" aria-labelledby="api-keys">
      <h3 id="api-keys">{t.apiKeys}</h3>
      <ul>
        {shown.map(({ accessKey, description, createdAt, expiresAt }) => (
          <li key={accessKey} class="row">
            <ViewLink class="mono" to={{ ...ALL_EVENTS, resourceIds: [accessKey] }}>
              {accessKey}
            </ViewLink>
            {description && <Name of={description} />}
            <span class="quiet">
              {createdAt && [t.made, ' ', <When key="made" at={createdAt} brief />]}
              {expiresAt && [' · ', t.keyExpires, ' ', <When key="ends" at={expiresAt} brief />]}
            </span>
          </li>
        ))}
      </ul>
      <ViewLink to={{ ...ALL_EVENTS, resourceIds: shown.map(({ accessKey }) => accessKey) }}>
        {keys.length > KEYS ? t.newestKeyEvents(KEYS) : t.keyEvents}
      </ViewLink>
    </section>
  )
}

type PrincipalDetails = NonNullable<NonNullable<PrincipalQuery['organization']>['principal']>

/**
 * Data in the Organization's directory, and when the principal was first and last active. Unknown facts are left out; for
 * a principal hidden from the viewer there is only the activity in the log.
 */
function Facts({ of }: { of: PrincipalDetails }) {
  const user = of.__typename === 'User' ? of : undefined
  const application = of.__typename === 'Application' ? of : undefined
  const full = [user?.firstName, user?.lastName].filter(Boolean).join(' ')
  const { managed } = application ?? {}
  const { createdAt, updatedAt } = user ?? application ?? {}
  const [oldest] = of.oldest.nodes
  const [newest] = of.newest.nodes
  return (
    <section class="facts" aria-label={t.facts}>
      <dl>
        <Fact name={t.fullName}>{full !== of.name && full}</Fact>
        <Fact name={t.username}>{user?.username}</Fact>
        <Fact name={t.email}>{user?.email}</Fact>
        <Fact name={t.standing}>{user?.type && (t.standings[user.type] ?? user.type)}</Fact>
        <Fact name={t.mfa}>{user?.mfa != null && (user.mfa ? t.on : t.off)}</Fact>
        <Fact name={t.locked}>{user?.locked && t.yes}</Fact>
        <Fact name={t.lastLogin}>{when(user?.lastLoginAt)}</Fact>
        <Fact name={t.description}>{application?.description}</Fact>
        <Fact name={t.managed}>{managed != null && (managed ? t.yes : t.no)}</Fact>
        <Fact name={user ? t.memberSince : t.made}>{when(createdAt)}</Fact>
        <Fact name={t.changed}>{when(updatedAt)}</Fact>
        <Fact name={t.firstSeen}>{oldest && <Seen event={oldest} />}</Fact>
        <Fact name={t.lastSeen}>{newest && <Seen event={newest} />}</Fact>
      </dl>
      {newest === undefined && <p class="quiet">{t.neverActed}</p>}
    </section>
  )
}

function when(at: string | null | undefined) {
  return at && <When at={at} />
}

function Seen({ event }: { event: { eventId: string; createdAt: string } }) {
  return (
    <ViewLink to={{ eventId: event.eventId }}>
      <When at={event.createdAt} />
    </ViewLink>
  )
}
