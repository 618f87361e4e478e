// Download and share: the current view as a file, as a query, or as a link.

import { useEffect, useState } from 'preact/hooks'
import type { EventFilter } from '../api/page-documents.ts'
import { toClipboard } from '../parts/copy.tsx'
import { Dropdown } from '../parts/dropdown.tsx'
import { words as common } from '../parts/parts.words.ts'
import { Sign } from '../parts/sign.tsx'
import { asOf, view } from '../view/page-address.ts'
import { exportParameters } from '../view/view.ts'
import { fileName } from './file-name.ts'
import { asOneText, graphiqlLink, queryText } from './query-text.ts'
import { words } from './tools.words.ts'
import './tools.css'
import { begin, type Format } from './transfer.ts'
import { TransferLine } from './transfer-line.tsx'

const FORMATS: readonly Format[] = ['csv', 'ndjson', 'ocsf.ndjson']

interface ToolsProps {
  readonly organizationId: string
  /** The Organization's name. */
  readonly name: string
  readonly filter: EventFilter
}

/** For the events that match this filter, in the view's order. */
export function Tools({ organizationId, name, filter }: ToolsProps) {
  const t = words()
  const [copied, setCopied] = useState('')
  const shown = view.value
  const text = queryText(shown, organizationId, filter)

  useEffect(() => {
    if (copied === '') return
    const timer = setTimeout(() => setCopied(''), 4_000)
    return () => clearTimeout(timer)
  }, [copied])

  async function copy(text: string, done: string): Promise<void> {
    setCopied((await toClipboard(text)) ? done : common().notCopied)
  }

  function download(format: Format): void {
    const { principalId } = shown
    const ofOne = principalId !== null && { principalIds: [principalId], notPrincipalIds: [] }
    const parameters = exportParameters({ ...shown, ...ofOne }, asOf.value)
    begin({ organizationId, name: fileName(name, filter), format, parameters })
  }

  return (
    <fieldset class="tools" aria-label={t.tools}>
      <Dropdown class="menu" label={t.download} summary={<Label sign={ARROW} text={t.download} />}>
        {close => (
          <>
            {FORMATS.map(format => (
              <Item
                key={format}
                {...t.formats[format]}
                onClick={() => {
                  close()
                  download(format)
                }}
              />
            ))}
            <p class="quiet">{shown.oldestFirst ? t.allThatMatch : t.allInOtherOrder}</p>
          </>
        )}
      </Dropdown>
      <Dropdown class="menu" label={t.share} summary={<Label sign={LINKED} text={t.share} />}>
        {close => (
          <>
            <Item
              name={common().copyLink}
              text={t.copyLinkText}
              onClick={() => {
                close()
                copy(location.href, common().linkCopied)
              }}
            />
            <Item
              name={t.copyQuery}
              text={t.copyQueryText}
              onClick={() => {
                close()
                copy(asOneText(text), t.queryCopied)
              }}
            />
            {/* biome-ignore lint/security/noBlankTarget: ours; it gets a copy of the token from its opener alone */}
            <a href={graphiqlLink(text)} target="_blank" rel="opener" onClick={close}>
              <strong>{t.openGraphiql}</strong>
              <span class="quiet">{t.openGraphiqlText}</span>
            </a>
          </>
        )}
      </Dropdown>
      <div class="toasts">
        <span role="status" class="toast floating">
          {copied}
        </span>
        <TransferLine />
      </div>
    </fieldset>
  )
}

function Item({ name, text, onClick }: { name: string; text: string; onClick: () => void }) {
  return (
    <button type="button" onClick={onClick}>
      <strong>{name}</strong>
      <span class="quiet">{text}</span>
    </button>
  )
}

/** A download icon: an arrow down to a line. */
const ARROW = 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11'

/** A share icon: one point connected to two. */
const LINKED =
  'M5.7 9 10.3 11.6M10.3 4.4 5.7 7M6 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0M14 3.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M14 12.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0'

/** On a phone only the icon is visible. */
function Label({ sign, text }: { sign: string; text: string }) {
  return (
    <>
      <Sign of={sign} />
      <span class="label">{text}</span>
    </>
  )
}
