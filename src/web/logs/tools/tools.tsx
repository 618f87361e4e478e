// Download and share: the current view as a file, as a query, or as a link.

import { EventsDocument, type EventsQueryVariables } from '../api/page-documents.ts'
import { useOrganization } from '../parts/answers.ts'
import { Button } from '../parts/controls.tsx'
import { useCopy } from '../parts/copy.tsx'
import { Dropdown } from '../parts/dropdown.tsx'
import { words as common } from '../parts/parts.words.ts'
import { filter, listed, orderBy } from '../view/page-address.ts'
import { words as t } from './tools.words.ts'
import { begin, cancel, dismiss, type Format, sizeOf, transfer } from './transfer.ts'

const FORMATS: readonly Format[] = ['csv', 'ndjson', 'ocsf.ndjson']

/** A download icon: an arrow down to a line. */
const ARROW = 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11'

/** A share icon: one point connected to two. */
const LINKED =
  'M5.7 9 10.3 11.6M10.3 4.4 5.7 7M6 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0M14 3.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M14 12.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0'

/** For the events that are shown. */
export function Tools() {
  const organization = useOrganization()
  const [copied, copy] = useCopy()
  const { query, variables } = queryText(organization.id)
  const copyQuery = () =>
    copy(`${query}\n# Variables:\n${variables.replace(/^/gm, '# ')}\n`, t.queryCopied)
  // After the #, so that the query is not in any server's log.
  const link = `graphql#${new URLSearchParams({ query, variables })}`
  return (
    <fieldset class="tools line" aria-label={t.tools}>
      <Dropdown class="menu" label={t.download} sign={ARROW} text={t.download}>
        {FORMATS.map(format => (
          <Item key={format} {...t.formats[format]} onClick={() => begin(organization, format)} />
        ))}
        <p class="item small">{listed.value.oldestFirst ? t.allThatMatch : t.allInOtherOrder}</p>
      </Dropdown>
      <Dropdown class="menu" label={t.share} sign={LINKED} text={t.share}>
        <Item
          name={common.copyLink}
          text={t.copyLinkText}
          onClick={() => copy(location.href, common.linkCopied)}
        />
        <Item name={t.copyQuery} text={t.copyQueryText} onClick={copyQuery} />
        {/* biome-ignore lint/security/noBlankTarget: ours; it gets a copy of the token from its opener alone */}
        <a class="item" href={link} target="_blank" rel="opener" data-closes>
          <strong>{t.openGraphiql}</strong>
          <span class="quiet">{t.openGraphiqlText}</span>
        </a>
      </Dropdown>
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
  const now = transfer.value
  const done = now !== null && now.state !== 'running'
  return (
    <div class={`toast floating row transfer ${now?.state ?? ''}`}>
      {/* Outside the live region: otherwise a screen reader would read out each change. */}
      {now?.state === 'running' && t.running(sizeOf(now.bytes))}
      {now?.state === 'running' && <Button onClick={cancel}>{t.cancel}</Button>}
      <span role="status">{done && now.outcome()}</span>
      {done && <Button class="icon" label={t.dismiss} text="✕" onClick={dismiss} />}
    </div>
  )
}

function Item({ name, text, onClick }: { name: string; text: string; onClick: () => void }) {
  return (
    <Button class="item" data-closes onClick={onClick}>
      <strong>{name}</strong>
      <span class="quiet">{text}</span>
    </Button>
  )
}

/** The query of the events of the list, from its start, and its variables. */
function queryText(organizationId: string): { query: string; variables: string } {
  const variables: EventsQueryVariables = {
    ...{ organizationId, filter: filter.value, orderBy: orderBy.value, first: 50, after: null },
  }
  const query = String(EventsDocument)
    .trim()
    .replaceAll(/^ *(?=fragment)/gm, '')
    // The printer writes it in one line, however long.
    .replace(/\((\$[^)]*)\)/, (_, list: string) => `(\n  ${list.replaceAll(', ', '\n  ')}\n)`)
  return { query: `${query}\n`, variables: JSON.stringify(variables, null, 2) }
}
