// Download and share: the current view as a file, as a query, or as a link.

import type { ComponentChildren } from 'preact'
import { EventsDocument, type EventsQueryVariables } from '../api/page-documents.ts'
import { timeZone } from '../dates.ts'
import { useOrganization } from '../parts/answers.ts'
import { Button, Labelled } from '../parts/controls.tsx'
import { useCopy } from '../parts/copy.tsx'
import { Dropdown } from '../parts/dropdown.tsx'
import { words as common } from '../parts/parts.words.ts'
import { asOf, filter, listed, orderBy } from '../view/page-address.ts'
import { exportParameters } from '../view/view.ts'
import { words as t } from './tools.words.ts'
import { begin, cancel, type Format, sizeOf, transfer } from './transfer.ts'
import './tools.css'

const FORMATS: readonly Format[] = ['csv', 'ndjson', 'ocsf.ndjson']

/** A download icon: an arrow down to a line. */
const ARROW = 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11'

/** A share icon: one point connected to two. */
const LINKED =
  'M5.7 9 10.3 11.6M10.3 4.4 5.7 7M6 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0M14 3.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M14 12.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0'

/** For the events that are shown. */
export function Tools() {
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
        <p class="item small">{listed.value.oldestFirst ? t.allThatMatch : t.allInOtherOrder}</p>
      </Menu>
      <Menu sign={LINKED} text={t.share}>
        <Item
          name={common.copyLink}
          text={t.copyLinkText}
          onClick={() => copy(location.href, common.linkCopied)}
        />
        <Item
          name={t.copyQuery}
          text={t.copyQueryText}
          onClick={() => copy(asOneText(text), t.queryCopied)}
        />
        {/* biome-ignore lint/security/noBlankTarget: ours; it gets a copy of the token from its opener alone */}
        <a class="item" href={graphiqlLink(text)} target="_blank" rel="opener" data-closes>
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

interface MenuProps {
  readonly sign: string
  readonly text: string
  readonly children: ComponentChildren
}

function Menu({ sign, text, children }: MenuProps) {
  return (
    <Dropdown class="menu" label={text} summary={<Labelled sign={sign} text={text} />}>
      {children}
    </Dropdown>
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

type QueryText = ReturnType<typeof queryText>

/** Returns the events of the list, from its start. */
function queryText(organizationId: string) {
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

/** One text: a GraphQL document, with the variables as comments after it. */
function asOneText({ query, variables }: QueryText): string {
  return `${query}\n# Variables:\n${variables.replace(/^/gm, '# ')}\n`
}

/** A link that opens it in GraphiQL in a new tab: after the #, so that it is not in any server's log. */
function graphiqlLink({ query, variables }: QueryText): string {
  return `graphql#${new URLSearchParams({ query, variables })}`
}

/** In UTF-16 units; file systems allow about 200, with the extension. */
const LONGEST = 80

/** The name of a downloaded file, without extension: it ends with today's date if the filter has no end. */
function fileName(organization: string): string {
  // Only letters and digits of any script; other characters have a meaning in file systems and shells.
  const name = organization
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .slice(0, LONGEST)
    .replaceAll(/^-+|-+$/g, '')
  const { createdAfter, createdBefore } = filter.value
  const until = createdBefore == null ? Date.now() : Date.parse(createdBefore) - 1
  const dates = createdAfter == null ? [until] : [Date.parse(createdAfter), until]
  // In the page's time zone, in the Swedish format: `2026-03-29`.
  const days = dates.map(date => new Date(date).toLocaleDateString('sv', { timeZone: timeZone() }))
  return ['iam-logs', name, ...new Set(days)].filter(Boolean).join('_')
}
