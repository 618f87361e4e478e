// The details of an event, one per line: each ID can be copied, each value links to other events with it.

import type { EventQuery } from '../api/page-documents.ts'
import { exact } from '../dates.ts'
import { asFilter, clientOf } from '../parts/client-name.ts'
import { CopyButton } from '../parts/copy.tsx'
import { Action, categoryOf } from '../parts/event-words.tsx'
import { blockOf } from '../parts/ip-address.ts'
import { Fact, Name } from '../parts/name.tsx'
import { words as parts } from '../parts/parts.words.ts'
import { Kind, nameOf, Principal, PrincipalHint } from '../parts/principal-name.tsx'
import { ALL_EVENTS, ViewLink } from '../parts/view-link.tsx'
import { visible } from '../parts/visible.ts'
import { words } from './list.words.ts'

export type EventDetail = NonNullable<NonNullable<EventQuery['organization']>['event']>

export function EventFacts({ of }: { of: EventDetail }) {
  const t = words().details
  const { ipAddress, userAgent } = of
  const block = ipAddress === null ? null : blockOf(ipAddress)
  return (
    <dl>
      <Fact name={words().columns.date}>
        <time dateTime={of.createdAt}>{exact(of.createdAt)}</time>
        <p class="quiet mono">{of.createdAt}</p>
      </Fact>
      <Fact name={parts().action}>
        <Action of={of} />
        {of.action === 'UNKNOWN' && <span class="quiet"> {parts().actions.UNKNOWN}</span>}
      </Fact>
      <Fact name={parts().category}>
        {categoryOf(of)}
        {of.category === 'UNKNOWN' && <span class="quiet"> {parts().categories.UNKNOWN}</span>}
      </Fact>
      <PrincipalFact of={of} />
      <ResourceFact of={of} />
      <Fact name={parts().ipAddress}>
        {ipAddress === null ? parts().noAddress : <Id text={ipAddress} what={t.theAddress} />}
        {ipAddress !== null && (
          <p class="ways row">
            <ViewLink to={{ ...ALL_EVENTS, ipAddresses: [ipAddress] }}>{t.onlyAddress}</ViewLink>
            {block !== null && (
              <ViewLink to={{ ...ALL_EVENTS, ipAddresses: [block] }}>{t.onlyBlock(block)}</ViewLink>
            )}
          </p>
        )}
      </Fact>
      <Fact name={parts().userAgent}>
        {userAgent === null ? parts().noClient : clientOf(userAgent)}
        {userAgent !== null && (
          <>
            <Id text={userAgent} what={t.theClient} />
            <p class="ways row">
              <ViewLink to={{ ...ALL_EVENTS, userAgents: [asFilter(userAgent)] }}>
                {t.onlyClient}
              </ViewLink>
            </p>
          </>
        )}
      </Fact>
      <Fact name={t.id}>
        <Id text={of.eventId} what={t.eventId} />
      </Fact>
      <Fact name={t.recorded}>
        <time dateTime={of.recordedAt}>{exact(of.recordedAt)}</time>
      </Fact>
    </dl>
  )
}

function PrincipalFact({ of: { principal, principalNameThen } }: { of: EventDetail }) {
  const t = words().details
  return (
    <Fact name={parts().principal}>
      <strong>
        <Name of={nameOf(principal)} />
      </strong>{' '}
      <PrincipalHint of={principal} />
      <Kind of={principal} />
      <Formerly name={principalNameThen} now={principal.name} />
      <Id text={principal.principalId} what={t.principalId} />
      <p class="ways row">
        <ViewLink to={{ principalId: principal.principalId, eventId: null }}>{t.all}</ViewLink>
        <ViewLink to={{ ...ALL_EVENTS, principalIds: [principal.principalId] }}>{t.only}</ViewLink>
      </p>
    </Fact>
  )
}

function ResourceFact({ of: { resource, resourceNameThen } }: { of: EventDetail }) {
  const t = words().details
  return (
    <Fact name={words().columns.resource}>
      {resource.name !== null && (
        <strong>
          <Name of={resource.name} />
        </strong>
      )}
      <Formerly name={resourceNameThen} now={resource.name} />
      <Id text={resource.resourceId} what={t.resourceId} />
      {resource.bearer !== null && (
        <p>
          <span class="quiet">{t.bearer}</span> <Principal of={resource.bearer} hinted />
        </p>
      )}
      <p class="ways row">
        <ViewLink to={{ ...ALL_EVENTS, resourceIds: [resource.resourceId] }}>{t.history}</ViewLink>
      </p>
    </Fact>
  )
}

function Formerly({ name, now }: { name: string | null; now: string | null }) {
  return name === null || name === now ? null : (
    <p class="quiet">{words().details.formerly(visible(name))}</p>
  )
}

function Id({ text, what }: { text: string; what: string }) {
  return (
    <p class="quiet">
      <span class="mono">{visible(text)}</span> <CopyButton text={text} what={what} />
    </p>
  )
}
