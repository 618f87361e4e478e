// The most frequent values of the events that are shown, as options with counts. Each facet ignores its own condition,
// so that the viewer can widen it again. A column on wide windows, otherwise collapsed.

import type { ComponentChildren } from 'preact'
import { type Figures, morePrincipals, useFigures } from '../counted/use-figures.ts'
import { number } from '../language.ts'
import { asFilter } from '../parts/client-name.ts'
import { Button } from '../parts/controls.tsx'
import { headingOf, labelOf } from '../parts/event-words.tsx'
import { narrow } from '../parts/narrow.ts'
import { useOneStop } from '../parts/one-stop.ts'
import {
  nameOf,
  Principal,
  PrincipalHint,
  type PrincipalLike,
  useWho,
} from '../parts/shown-names.tsx'
import { go, view } from '../view/page-address.ts'
import {
  ACTIONS,
  CATEGORIES,
  type ListName,
  listsOf,
  PLACES,
  type Place,
  placed,
  placeOf,
} from '../view/view.ts'
import { words as t } from './figures.words.ts'
import './figures.css'

type Counts = Figures['counts']

export function Facets() {
  const { figures, busy } = useFigures()
  const counts = figures?.counts
  const active = PLACES.flatMap(place => Object.values(listsOf(view.value, place)).flat()).length
  return (
    <section class="facets" aria-label={t.filters} aria-busy={busy}>
      <details open={!narrow.value}>
        <summary>
          {t.filters}
          {active > 0 && <span class="quiet"> · {t.active(active)}</span>}
        </summary>
        <div class="facets-body">
          <Facet of="actions" options={allOf('actions', ACTIONS, counts)} />
          <Facet of="categories" options={allOf('categories', CATEGORIES, counts)} />
          <PrincipalFacet counts={counts} />
          <Facet of="ipAddresses" options={mostFrequent('ipAddresses', counts)} />
          <Facet of="userAgents" options={mostFrequent('userAgents', counts)} />
        </div>
      </details>
    </section>
  )
}

/**
 * Always all values, so that none moves; a value that this version does not know is added only if there are such
 * events.
 */
function allOf(
  of: 'actions' | 'categories',
  values: readonly string[],
  all: Counts | undefined,
): Option[] {
  const { counts = [], isExact } = all?.[of] ?? {}
  return values.flatMap(value => {
    const count = counts.find(counted => counted.value === value)?.count
    const isThere = count !== undefined || placeOf(view.value, of, value) !== 'neither'
    if (value === 'UNKNOWN' && !isThere) return []
    return [{ value, label: labelOf(of, value), count: all && (count ?? 0), isExact }]
  })
}

/**
 * The selected values that are not among the most frequent, such as an address block or a part of a client's name,
 * followed by the most frequent ones. If only one value is selected, all shown events have it; if several are, a value
 * that is not among the most frequent has no count.
 */
function mostFrequent(of: 'ipAddresses' | 'userAgents', counts: Counts | undefined): Option[] {
  const { nodes = [], countedSince = null } = counts?.[of].counts ?? {}
  const chosen = view.value[of]
  const total = chosen.length === 1 ? counts?.all : undefined
  const frequent = nodes.map(({ value, count }) => ({ value: asFilter(value ?? ''), count }))
  const others = chosen.filter(value => frequent.every(each => each.value !== value))
  return [
    ...others.map(value => ({
      value,
      label: value,
      count: total?.total,
      isExact: total?.isExact,
    })),
    ...frequent.map(({ value, count }) => {
      const all = chosen.includes(value) ? total : undefined
      const isExact = all?.isExact ?? countedSince === null
      return { value, label: labelOf(of, value), count: all?.total ?? count, isExact }
    }),
  ]
}

interface Option {
  /** Empty for events without a value, which cannot be filtered by. */
  readonly value: string
  /** The name to show. */
  readonly label: string
  /** `undefined` if it is not counted, or not yet. */
  readonly count: number | undefined
  /** Whether `count` is exact; otherwise it is a lower bound. */
  readonly isExact?: boolean | undefined
  /** Shown instead of the label. */
  readonly principal?: PrincipalLike
}

interface FacetProps {
  /** The condition that the options belong to. */
  readonly of: ListName
  readonly options: readonly Option[]
  readonly children?: ComponentChildren
}

/** The values of one property, with the number of events of each. Only one option is in the tab order. */
function Facet({ of, options, children }: FacetProps) {
  return (
    <fieldset class="facet">
      <legend>{headingOf(of)}</legend>
      <ul {...useOneStop<HTMLUListElement>()}>
        {options.map(option => (
          <Choice key={option.value} of={of} {...option} />
        ))}
      </ul>
      {children}
    </fieldset>
  )
}

function Choice({ of, value, label, count, isExact = true, principal }: Option & { of: ListName }) {
  const place = placeOf(view.value, of, value)
  const toggle = (to: Place) => go(placed(view.value, of, [value], place === to ? 'neither' : to))
  const counted = (
    <>
      <span class="value">{principal ? <Principal of={principal} linked={false} /> : label}</span>
      {count !== undefined && (
        <span class="count quiet small" title={isExact ? undefined : t.atLeast(count)}>
          {number(count)}
          {!isExact && '+'}
        </span>
      )}
    </>
  )
  if (value === '') return <li class="none quiet">{counted}</li>
  return (
    <li class={place}>
      <label title={value}>
        <input type="checkbox" checked={place === 'included'} onChange={() => toggle('included')} />
        {counted}
      </label>
      <Button
        class="icon exclude"
        label={t.exclude(label)}
        aria-pressed={place === 'excluded'}
        onClick={() => toggle('excluded')}
        text="≠"
      />
      {principal && <PrincipalHint of={principal} />}
    </li>
  )
}

/** The selected principals and those with the most events. All others can be found with the search box. */
function PrincipalFacet({ counts }: { counts: Figures['counts'] | undefined }) {
  const { counts: most = [], isExact } = counts?.principalIds ?? {}
  const others = view.value.principalIds.filter(id =>
    most.every(({ principal }) => principal.principalId !== id),
  )
  const who = useWho(others)
  const chosen = others.map((id, at) => {
    const counted = counts?.all.chosen?.find(({ principal }) => principal.principalId === id)
    return {
      // Until the name is loaded, or if only the ID is known.
      principal: who[at] ?? { __typename: 'UnknownPrincipal', principalId: id, name: 'Unknown' },
      count: counts && (counted?.count ?? 0),
    }
  })
  return (
    <Facet
      of="principalIds"
      options={[...chosen, ...most].map(({ principal, count }) => ({
        value: principal.principalId,
        label:
          principal.__typename === 'UnknownPrincipal' ? principal.principalId : nameOf(principal),
        principal,
        count,
        isExact,
      }))}
    >
      {most.length >= 10 && !morePrincipals.value && (
        <Button
          class="plain quiet"
          onClick={() => {
            morePrincipals.value = true
          }}
          text={t.more}
        />
      )}
    </Facet>
  )
}
