// More info: all details of one event, in a dialog whose state is in the address, so that a link opens it too. On wide
// windows it is beside the list, which stays usable; on narrow ones it covers the page. It closes with Escape, its
// button, or a click outside if it covers the page; then the focus returns to the previous element.

import { useQuery } from '@tanstack/preact-query'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { EventDocument } from '../api/page-documents.ts'
import { CopyStatus, useCopy } from '../parts/copy.tsx'
import { useNarrow } from '../parts/narrow.ts'
import { words as parts } from '../parts/parts.words.ts'
import { refusalOf } from '../parts/refusal.ts'
import { addressOf, go } from '../view/page-address.ts'
import { type EventDetail, EventFacts } from './event-facts.tsx'
import { words } from './list.words.ts'
import { shown } from './use-pages.ts'
import './details.css'

export function EventDetails({
  organizationId,
  eventId,
}: {
  organizationId: string
  eventId: string
}) {
  const t = words().details
  const dialog = useRef<HTMLDialogElement>(null)
  const narrow = useNarrow()
  const { data, error, isPending, isPlaceholderData } = useQuery({
    queryKey: ['event', organizationId, eventId],
    queryFn: ({ signal }) => ask(EventDocument, { organizationId, eventId }, signal),
    // The previous event stays visible while the viewer moves to the next.
    placeholderData: before => before,
  })
  const event = data?.organization?.event ?? null

  useLayoutEffect(() => {
    const { current } = dialog
    if (narrow) current?.showModal()
    else current?.show()
    return () => current?.close()
  }, [narrow])

  // The browser does not close a dialog beside the page, so Escape is handled here; it first closes whatever is open in
  // the dialog or in the list.
  useEffect(() => {
    if (narrow) return
    const pressed = (press: KeyboardEvent) => {
      if (press.key !== 'Escape' || press.defaultPrevented) return
      if (document.querySelector('details[open].dropdown, :popover-open') === null) close()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [narrow])

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={dialog}
      class={narrow ? 'event-details' : 'event-details side'}
      aria-labelledby="event-details-title"
      aria-busy={isPending || isPlaceholderData}
      onCancel={cancel => {
        cancel.preventDefault()
        close()
      }}
      onClick={({ target }) => narrow && target === dialog.current && close()}
    >
      <div class="event-details-body">
        <header>
          <h2 id="event-details-title">{parts().event}</h2>
          <Neighbours of={event} />
          <CopyLink />
          <button type="button" class="icon" autofocus aria-label={parts().close} onClick={close}>
            ✕
          </button>
        </header>
        {event !== null && <EventFacts of={event} />}
        {event === null && (
          <p role="status">{isPending ? t.loading : (refusalOf(error) ?? t.missing)}</p>
        )}
      </div>
    </dialog>
  )
}

function close(): void {
  go({ eventId: null })
}

/** Links to the previous and next event in the list, if there are any. */
function Neighbours({ of }: { of: EventDetail | null }) {
  const t = words().details
  const pages = shown.value
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
  const t = parts()
  const [outcome, copy] = useCopy(new URL(addressOf({}), location.href).href)
  return (
    <>
      <button type="button" onClick={copy}>
        {outcome === 'copied' ? t.linkCopied : t.copyLink}
      </button>
      <CopyStatus outcome={outcome} copied={t.linkCopied} />
    </>
  )
}
