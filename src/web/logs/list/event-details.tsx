// More info: all details of one event, in a dialog whose state is in the address, so that a link opens it too. On wide
// windows it is beside the list, which stays usable; on narrow ones it covers the page. It closes with Escape, its
// button, or a click outside if it covers the page; then the focus returns to the previous element.

import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { EventDocument, type EventQuery } from '../api/page-documents.ts'
import { exact } from '../dates.ts'
import { useAnswer } from '../parts/answers.ts'
import { asFilter, clientOf } from '../parts/client-name.ts'
import { ALL_EVENTS, Button, ViewLink } from '../parts/controls.tsx'
import { CopyButton, Id } from '../parts/copy.tsx'
import { Action, categoryOf } from '../parts/event-words.tsx'
import { narrow } from '../parts/narrow.ts'
import { words as common } from '../parts/parts.words.ts'
import { refusalOf } from '../parts/refusal.ts'
import { Fact, Kind, Name, nameOf, Principal, PrincipalHint } from '../parts/shown-names.tsx'
import { blockOf, visible } from '../parts/texts.ts'
import { useListener } from '../parts/use-listener.ts'
import { go } from '../view/page-address.ts'
import type { View } from '../view/view.ts'
import { words as t } from './list.words.ts'
import { shown } from './use-pages.ts'
import './list.css'

export function EventDetails({ eventId }: { eventId: string }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const isModal = narrow.value
  // The previous event stays visible while the viewer moves to the next.
  const { data, error, isPending, isPlaceholderData } = useAnswer(EventDocument, { eventId })
  const event = data?.organization?.event ?? null

  // biome-ignore lint/correctness/useExhaustiveDependencies: it comes from a signal
  useLayoutEffect(() => {
    const { current } = dialog
    if (isModal) current?.showModal()
    else current?.show()
    return () => current?.close()
  }, [isModal])

  // The browser does not close a dialog beside the page, so Escape is handled here; it first closes whatever is open in
  // the dialog or in the list.
  useListener('keydown', ({ key, defaultPrevented }) => {
    if (isModal || key !== 'Escape' || defaultPrevented) return
    if (document.querySelector('details[open].dropdown, :popover-open') === null) close()
  })

  return (
    <dialog
      ref={dialog}
      class="event-details floating"
      aria-labelledby="event-details-title"
      aria-busy={isPending || isPlaceholderData}
      closedby={isModal ? 'any' : 'none'}
      onCancel={close}
    >
      <header class="row">
        <h2 id="event-details-title">{common.event}</h2>
        <Neighbours of={event} />
        <CopyButton text={location.href} />
        <Button autofocus label={common.close} onClick={close} text="✕" />
      </header>
      {event !== null && <EventFacts of={event} />}
      {event === null && (
        <p role="status">{isPending ? common.loading : (refusalOf(error) ?? t.missing)}</p>
      )}
    </dialog>
  )
}

function close(): void {
  go({ eventId: null })
}

/** Links to the previous and next event in the list, if there are any. */
function Neighbours({ of }: { of: EventDetail | null }) {
  const pages = shown.value
  if (pages === null || of === null || !pages.has(of)) return null
  const index = pages.indexOf(of)
  const to = (at: number, label: string, sign: string) => {
    const { eventId = null } = pages.rows.value[at] ?? {}
    return (
      <Button
        label={label}
        disabled={eventId === null}
        onClick={() => go({ eventId }, { quietly: true })}
        text={sign}
      />
    )
  }
  return (
    <>
      {to(index - 1, t.newer, '↑')}
      {to(index + 1, t.older, '↓')}
    </>
  )
}

type EventDetail = NonNullable<NonNullable<EventQuery['organization']>['event']>

/** One line each: each ID can be copied, each value links to other events with it. */
function EventFacts({ of }: { of: EventDetail }) {
  const { principal, resource, ipAddress, userAgent } = of
  const block = ipAddress === null ? null : blockOf(ipAddress)
  return (
    <dl>
      <Fact name={t.columns.date}>
        <time dateTime={of.createdAt}>{exact(of.createdAt)}</time>
        <p class="quiet mono">{of.createdAt}</p>
      </Fact>
      <Fact name={common.names.actions}>
        <Action of={of} />
        {of.action === 'UNKNOWN' && <span class="quiet"> {common.actions.UNKNOWN}</span>}
      </Fact>
      <Fact name={common.names.categories}>
        {categoryOf(of)}
        {of.category === 'UNKNOWN' && <span class="quiet"> {common.categories.UNKNOWN}</span>}
      </Fact>
      <Fact name={common.names.principalIds}>
        <strong>
          <Name of={nameOf(principal)} />
        </strong>{' '}
        <PrincipalHint of={principal} />
        <Kind of={principal} />
        <Formerly name={of.principalNameThen} now={principal.name} />
        <Id text={principal.principalId} what={t.principalId} />
        <Ways>
          <ViewLink to={{ principalId: principal.principalId, eventId: null }}>{t.all}</ViewLink>
          <Events to={{ principalIds: [principal.principalId] }}>{t.only}</Events>
        </Ways>
      </Fact>
      <Fact name={t.columns.resource}>
        <strong>{resource.name !== null && <Name of={resource.name} />}</strong>
        <Formerly name={of.resourceNameThen} now={resource.name} />
        <Id text={resource.resourceId} what={t.resourceId} />
        {resource.bearer !== null && (
          <p>
            <span class="quiet">{t.bearer}</span> <Principal of={resource.bearer} hinted />
          </p>
        )}
        <Ways>
          <Events to={{ resourceIds: [resource.resourceId] }}>{t.history}</Events>
        </Ways>
      </Fact>
      {ipAddress === null ? (
        <Fact name={common.names.ipAddresses}>{common.noAddress}</Fact>
      ) : (
        <Fact name={common.names.ipAddresses}>
          <Id text={ipAddress} what={t.theAddress} />
          <Ways>
            <Events to={{ ipAddresses: [ipAddress] }}>{t.onlyAddress}</Events>
            {block !== null && <Events to={{ ipAddresses: [block] }}>{t.onlyBlock(block)}</Events>}
          </Ways>
        </Fact>
      )}
      {userAgent === null ? (
        <Fact name={common.names.userAgents}>{common.noClient}</Fact>
      ) : (
        <Fact name={common.names.userAgents}>
          {clientOf(userAgent)}
          <Id text={userAgent} what={t.theClient} />
          <Ways>
            <Events to={{ userAgents: [asFilter(userAgent)] }}>{t.onlyClient}</Events>
          </Ways>
        </Fact>
      )}
      <Fact name={t.id}>
        <Id text={of.eventId} what={t.eventId} />
      </Fact>
      <Fact name={t.recorded}>
        <time dateTime={of.recordedAt}>{exact(of.recordedAt)}</time>
      </Fact>
    </dl>
  )
}

function Ways({ children }: { children: ComponentChildren }) {
  return <p class="ways row">{children}</p>
}

/** A link to all events that match. */
function Events({ to, children }: { to: Partial<View>; children: string }) {
  return <ViewLink to={{ ...ALL_EVENTS, ...to }}>{children}</ViewLink>
}

function Formerly({ name, now }: { name: string | null; now: string | null }) {
  return name === null || name === now ? null : <p class="quiet">{t.formerly(visible(name))}</p>
}
