// A principal's activity in numbers: by kind, address and client, over all its events, whatever the list below is
// filtered by. Each number filters the list; an address also links to all principals that used it.

import { PrincipalFiguresDocument, type PrincipalFiguresQuery } from '../api/page-documents.ts'
import { day } from '../dates.ts'
import { number } from '../language.ts'
import { useAnswer } from '../parts/answers.ts'
import { asFilter } from '../parts/client-name.ts'
import { ALL_EVENTS, Button, type ButtonProps, ViewLink } from '../parts/controls.tsx'
import { headingOf, labelOf, When } from '../parts/event-words.tsx'
import { words as common } from '../parts/parts.words.ts'
import { refusalOf } from '../parts/refusal.ts'
import { go, view } from '../view/page-address.ts'
import { type ListName, placed, placeOf } from '../view/view.ts'
import { words as t } from './principal.words.ts'

type Counts = NonNullable<PrincipalFiguresQuery['organization']>['eventCounts']

export function PrincipalFigures({ principalId }: { principalId: string }) {
  const { data, error } = useAnswer(PrincipalFiguresDocument, { principalId })
  const counts = data?.organization?.eventCounts
  return (
    <section
      class="principal-figures"
      aria-label={t.figures}
      aria-busy={counts === undefined && error === null}
    >
      {counts === undefined ? (
        <p role="status" class="quiet">
          {refusalOf(error) ?? t.counting}
        </p>
      ) : (
        <Numbers of={counts} />
      )}
    </section>
  )
}

const KINDS = ['actions', 'categories'] as const
const ORIGINS = ['ipAddresses', 'userAgents'] as const

function Numbers({ of }: { of: Counts }) {
  return (
    <>
      <p class="total">
        <strong>{common.events(of.total)}</strong>
        {of.countedSince !== null && (
          <span class="quiet"> {common.newestOnly(day(of.countedSince))}</span>
        )}
      </p>
      <ul class="counts row" aria-label={t.byKind}>
        {KINDS.map(name =>
          of[name].map(({ value, count }) => (
            <li key={`${name} ${value}`}>
              <ValueButton of={name} value={value} class={`action ${value}`}>
                {labelOf(name, value)} <b>{number(count)}</b>
              </ValueButton>
            </li>
          )),
        )}
      </ul>
      <div class="tables">
        {ORIGINS.map(name => (
          <ValueTable key={name} of={name} counted={of[name]} />
        ))}
      </div>
    </>
  )
}

interface ValueTableProps {
  readonly of: (typeof ORIGINS)[number]
  readonly counted: Counts[(typeof ORIGINS)[number]]
}

/** The most frequent values. */
function ValueTable({ of, counted: { nodes, countedSince } }: ValueTableProps) {
  if (nodes.length === 0) return null
  const name = headingOf(of)
  return (
    <table>
      <caption class={countedSince === null ? 'hidden' : 'quiet'}>
        {name} {countedSince !== null && common.newestOnly(day(countedSince))}
      </caption>
      <thead class="quiet">
        <tr>
          <th scope="col">{name}</th>
          <th scope="col" class="count">
            {t.count}
          </th>
          <th scope="col">{t.latest}</th>
        </tr>
      </thead>
      <tbody>
        {nodes.map(({ value, count, latest }) => (
          <tr key={value}>
            <th scope="row">
              <Value of={of} value={value} />
            </th>
            <td class="count">{number(count)}</td>
            <td>
              <When at={latest} brief />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Value({ of, value }: { of: ValueTableProps['of']; value: string | null }) {
  const label = labelOf(of, value ?? '')
  if (!value) return <span class="quiet">{label}</span>
  return (
    <div class="value row">
      <ValueButton of={of} value={asFilter(value)} title={value} class="plain">
        {label}
      </ValueButton>
      {of === 'ipAddresses' && (
        <ViewLink class="small" to={{ ...ALL_EVENTS, ipAddresses: [value] }}>
          {t.whoElse}
          <span class="hidden"> {t.at(value)}</span>
        </ViewLink>
      )}
    </div>
  )
}

/** Filters the list below by the value, or removes that filter. */
function ValueButton({ of, value, ...button }: ButtonProps & { of: ListName; value: string }) {
  const isChosen = placeOf(view.value, of, value) === 'included'
  const toggle = () => go(placed(view.value, of, [value], isChosen ? 'neither' : 'included'))
  return <Button {...button} aria-pressed={isChosen} onClick={toggle} />
}
