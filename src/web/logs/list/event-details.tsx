// More info: all that is known of one event, in a dialog that the address opens, so that a link shows it too. It
// closes by Escape, a click beside it and its button; the focus goes back to where it was.

import { useQuery } from '@tanstack/preact-query'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ask, Refused } from '../api/ask.ts'
import { EventDocument } from '../api/documents.ts'
import { toClipboard } from '../parts/copy.tsx'
import { words as parts } from '../parts/parts.words.ts'
import { addressOf, go } from '../view/address.ts'
import { words } from './details.words.ts'
import { type EventDetail, EventFacts } from './event-facts.tsx'
import { shown } from './shown.ts'
import './details.css'

export function EventDetails({
  organizationId,
  eventId,
}: {
  organizationId: string
  eventId: string
}) {
  const t = words()
  const dialog = useRef<HTMLDialogElement>(null)
  const { data, error, isPending, isPlaceholderData } = useQuery({
    queryKey: ['event', organizationId, eventId],
    queryFn: ({ signal }) => ask(EventDocument, { organizationId, eventId }, signal),
    // The one before stays while the viewer goes from one to the next.
    placeholderData: before => before,
  })
  const event = data?.organization?.event ?? null

  useLayoutEffect(() => {
    const { current } = dialog
    current?.showModal()
    return () => current?.close()
  }, [])

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={dialog}
      class="event-details"
      aria-labelledby="event-details-title"
      aria-busy={isPending || isPlaceholderData}
      onCancel={cancel => {
        cancel.preventDefault()
        close()
      }}
      onClick={({ target }) => target === dialog.current && close()}
    >
      <div class="event-details-body">
        <header>
          <h2 id="event-details-title">{t.title}</h2>
          <Neighbours of={event} />
          <CopyLink />
          <button type="button" class="icon" autofocus aria-label={parts().close} onClick={close}>
            ✕
          </button>
        </header>
        {event !== null && <EventFacts of={event} />}
        {event === null && (
          <p role="status">
            {isPending ? t.loading : error instanceof Refused ? error.message : t.missing}
          </p>
        )}
      </div>
    </dialog>
  )
}

function close(): void {
  go({ eventId: null })
}

/** Leads to the events above and below in the list, where there is one. */
function Neighbours({ of }: { of: EventDetail | null }) {
  const t = words()
  const pages = shown.value
  pages?.version.value
  if (pages === null || of === null || !pages.has(of)) return null
  const index = pages.indexOf(of)
  const to = (at: number, name: string, sign: string) => {
    const event = pages.at(at)
    return (
      <button
        type="button"
        class="icon"
        aria-label={name}
        title={name}
        disabled={event === null}
        onClick={() => event !== null && go({ eventId: event.eventId }, { quietly: true })}
      >
        {sign}
      </button>
    )
  }
  return (
    <>
      {to(index - 1, t.newer, '↑')}
      {to(index + 1, t.older, '↓')}
    </>
  )
}

function CopyLink() {
  const t = words()
  const [copied, setCopied] = useState(false)
  const link = new URL(addressOf({}), location.href).href
  return (
    <>
      <button type="button" onClick={async () => setCopied(await toClipboard(link))}>
        {copied ? t.linkCopied : t.copyLink}
      </button>
      <span role="status" class="hidden">
        {copied && t.linkCopied}
      </span>
    </>
  )
}
