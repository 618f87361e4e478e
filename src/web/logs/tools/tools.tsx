// Download and share: the current view as a file, as a query, or as a link.

import type { ComponentChildren } from 'preact'
import { useOrganization } from '../parts/answers.ts'
import { Button, Sign } from '../parts/button.tsx'
import { useCopy } from '../parts/copy.tsx'
import { Dropdown } from '../parts/dropdown.tsx'
import { words as common } from '../parts/parts.words.ts'
import { asOf, listed } from '../view/page-address.ts'
import { exportParameters } from '../view/view.ts'
import { asOneText, fileName, graphiqlLink, queryText } from './query-text.ts'
import { words } from './tools.words.ts'
import './tools.css'
import { begin, cancel, type Format, sizeOf, transfer } from './transfer.ts'

const FORMATS: readonly Format[] = ['csv', 'ndjson', 'ocsf.ndjson']

/** A download icon: an arrow down to a line. */
const ARROW = 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11'

/** A share icon: one point connected to two. */
const LINKED =
  'M5.7 9 10.3 11.6M10.3 4.4 5.7 7M6 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0M14 3.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M14 12.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0'

/** For the events that are shown. */
export function Tools() {
  const t = words()
  const { id: organizationId, name } = useOrganization()
  const [copied, copy] = useCopy()
  const text = queryText(organizationId)

  function download(format: Format): void {
    const parameters = exportParameters(listed.value, asOf.value)
    begin({ organizationId, name: fileName(name), format, parameters })
  }

  return (
    <fieldset class="tools" aria-label={t.tools}>
      <Menu sign={ARROW} text={t.download}>
        {FORMATS.map(format => (
          <Item key={format} {...t.formats[format]} onClick={() => download(format)} />
        ))}
        <p class="small">{listed.value.oldestFirst ? t.allThatMatch : t.allInOtherOrder}</p>
      </Menu>
      <Menu sign={LINKED} text={t.share}>
        <Item
          name={common().copyLink}
          text={t.copyLinkText}
          onClick={() => copy(location.href, common().linkCopied)}
        />
        <Item
          name={t.copyQuery}
          text={t.copyQueryText}
          onClick={() => copy(asOneText(text), t.queryCopied)}
        />
        {/* biome-ignore lint/security/noBlankTarget: ours; it gets a copy of the token from its opener alone */}
        <a href={graphiqlLink(text)} target="_blank" rel="opener" data-closes>
          <strong>{t.openGraphiql}</strong>
          <span class="quiet">{t.openGraphiqlText}</span>
        </a>
      </Menu>
      <div class="toasts stack">
        <span role="status" class="toast floating row">
          {copied?.said}
        </span>
        <TransferLine />
      </div>
    </fieldset>
  )
}

/** The download's progress and outcome in words, because an incomplete file can look complete. */
function TransferLine() {
  const t = words()
  const now = transfer.value
  const dismiss = () => {
    transfer.value = null
  }
  return (
    <div class={`toast floating row transfer ${now?.state ?? ''}`}>
      {/* Outside the live region: otherwise a screen reader would read out each change. */}
      {now?.state === 'running' && (
        <>
          <span>{t.running(sizeOf(now.bytes))}</span>
          <Button onClick={cancel}>{t.cancel}</Button>
        </>
      )}
      <span role="status">{now !== null && now.state !== 'running' && now.outcome()}</span>
      {now !== null && now.state !== 'running' && (
        <Button class="icon" label={t.dismiss} onClick={dismiss}>
          ✕
        </Button>
      )}
    </div>
  )
}

function Menu({
  sign,
  text,
  children,
}: {
  sign: string
  text: string
  children: ComponentChildren
}) {
  const summary = [
    <Sign key="sign" of={sign} />,
    <span key="text" class="label">
      {text}
    </span>,
  ]
  return (
    <Dropdown class="menu" label={text} summary={summary}>
      {children}
    </Dropdown>
  )
}

function Item({ name, text, onClick }: { name: string; text: string; onClick: () => void }) {
  return (
    <Button data-closes onClick={onClick}>
      <strong>{name}</strong>
      <span class="quiet">{text}</span>
    </Button>
  )
}
