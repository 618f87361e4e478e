// What one takes away from the page: what is shown as a file, as a query, as a link.

import { useEffect, useState } from 'preact/hooks'
import type { EventFilter } from '../api/documents.ts'
import { toClipboard } from '../parts/copy.tsx'
import { Dropdown } from '../parts/dropdown.tsx'
import { words as common } from '../parts/parts.words.ts'
import { asOf, view } from '../view/address.ts'
import { exportParameters } from '../view/view.ts'
import { asOneText, graphiqlLink, queryText } from './query-text.ts'
import { words } from './tools.words.ts'
import './tools.css'
import { begin, type Format } from './transfer.ts'
import { TransferLine } from './transfer-line.tsx'

const FORMATS: readonly Format[] = ['csv', 'ndjson', 'ocsf.ndjson']

/** Of the events that this filter lets through, as the view has them. */
export function Tools({ organizationId, filter }: { organizationId: string; filter: EventFilter }) {
  const t = words()
  const [said, setSaid] = useState('')
  const shown = view.value
  const text = queryText(shown, organizationId, filter)

  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), 4_000)
    return () => clearTimeout(timer)
  }, [said])

  async function copy(copied: string): Promise<void> {
    setSaid((await toClipboard(copied)) ? common().copied : t.notCopied)
  }

  function download(format: Format): void {
    const { principalId } = shown
    const ofOne = principalId !== null && { principalIds: [principalId], notPrincipalIds: [] }
    begin(organizationId, format, exportParameters({ ...shown, ...ofOne }, asOf.value))
  }

  return (
    <fieldset class="tools" aria-label={t.tools}>
      <Dropdown class="menu" summary={t.download}>
        {close => (
          <>
            {FORMATS.map(format => (
              <button
                key={format}
                type="button"
                onClick={() => {
                  close()
                  download(format)
                }}
              >
                <strong>{t.formats[format].name}</strong>
                <span class="quiet">{t.formats[format].text}</span>
              </button>
            ))}
            <p class="quiet">{shown.oldestFirst ? t.allThatMatch : t.allInOtherOrder}</p>
          </>
        )}
      </Dropdown>
      <Dropdown class="menu" summary={t.asGraphql}>
        {close => (
          <>
            {/* biome-ignore lint/security/noBlankTarget: ours; it gets a copy of the token from its opener alone */}
            <a href={graphiqlLink(text)} target="_blank" rel="opener" onClick={close}>
              <strong>{t.openGraphiql}</strong>
              <span class="quiet">{t.openGraphiqlText}</span>
            </a>
            <button
              type="button"
              onClick={() => {
                close()
                copy(asOneText(text))
              }}
            >
              <strong>{t.copyQuery}</strong>
              <span class="quiet">{t.copyQueryText}</span>
            </button>
          </>
        )}
      </Dropdown>
      <button type="button" onClick={() => copy(location.href)}>
        {t.copyLink}
      </button>
      <span role="status" class="said">
        {said}
      </span>
      <TransferLine />
    </fieldset>
  )
}
