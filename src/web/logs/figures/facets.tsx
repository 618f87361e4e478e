// The most frequent values of the events that are shown, as options with counts. Each facet ignores its own condition,
// so that the viewer can widen it again. A column on wide windows, otherwise collapsed.

import type { ComponentChildren } from 'preact'
import { type Figures, morePrincipals, useFigures } from '../counted/use-figures.ts'
import { number } from '../language.ts'
import { asFilter } from '../parts/client-name.ts'
import { Button } from '../parts/controls.tsx'
import { labelOf } from '../parts/event-words.tsx'
import { Name } from '../parts/name.tsx'
import { narrow } from '../parts/narrow.ts'
import { useOneStop } from '../parts/one-stop.ts'
import { words as common } from '../parts/parts.words.ts'
import {
  nameOf,
  PrincipalHint,
  type PrincipalLike,
  shortId,
  useWho,
} from '../parts/principal-name.tsx'
import { go, view } from '../view/page-address.ts'
import {
  ACTIONS,
  CATEGORIES,
  LISTS,
  type ListName,
  type Place,
  placed,
  placeOf,
  valuesOf,
} from '../view/view.ts'
import { words as t } from './figures.words.ts'
import './figures.css'

type Counts = Figures['counts']

export function Facets() {
  const { figures, busy } = useFigures()
  const counts = figures?.counts
  const active = LISTS.flatMap(name => [
    ...valuesOf(view.value, name, 'included'),
    ...valuesOf(view.value, name, 'excluded'),
  ]).length
  const kinds = optionsAmong('actions', ACTIONS, counts?.byAction)
  const types = optionsAmong('categories', CATEGORIES, counts?.byCategory)
  const addresses = mostFrequent('ipAddresses', counts)
  return (
    <section class="facets" aria-label={t.filters} aria-busy={busy}>
      <details open={!narrow.value}>
        <summary>
          {t.filters}
          {active > 0 && <span class="quiet"> · {t.active(active)}</span>}
        </summary>
        <div class="facets-body">
          <Facet of="actions" options={kinds} />
          <Facet of="categories" options={types} />
          <PrincipalFacet counts={counts} />
          <Facet of="ipAddresses" options={addresses} />
          <Facet
            legend={common.client}
            of="userAgents"
            options={mostFrequent('userAgents', counts)}
          />
        </div>
      </details>
    </section>
  )
}

/**
 * Always all values, so that none moves; a value that this version does not know is added only if there are such
 * events.
 */
function optionsAmong(
  of: 'actions' | 'categories',
  values: readonly string[],
  counted: Counts['byAction' | 'byCategory'] | undefined,
): Option[] {
  const counts = counted && new Map(counted.counts.map(({ value, count }) => [`${value}`, count]))
  const isThere = (value: string) =>
    counts?.has(value) || placeOf(view.value, of, value) !== 'neither'
  return values
    .filter(value => value !== 'UNKNOWN' || isThere(value))
    .map(value => ({
      ...{ value, label: labelOf(of, value), isExact: counted?.isExact },
      count: counts && (counts.get(value) ?? 0),
    }))
}

/**
 * The selected values that are not among the most frequent, such as an address block or a part of a client's name,
 * followed by the most frequent ones. If only one value is selected, all shown events have it; if several are, a value
 * that is not among the most frequent has no count.
 */
function mostFrequent(of: 'ipAddresses' | 'userAgents', counts: Counts | undefined): Option[] {
  const { nodes = [], countedSince = null } =
    (of === 'userAgents' ? counts?.byUserAgent : counts?.byIpAddress)?.counts ?? {}
  const chosen = view.value[of]
  const total = chosen.length === 1 ? counts?.all : undefined
  const frequent = nodes.map(({ value, count }) => ({ value: asFilter(value ?? ''), count }))
  const others = chosen.filter(value => frequent.every(each => each.value !== value))
  return [
    ...others.map(value => ({
      ...{ value, label: value, count: total?.total, isExact: total?.isExact },
    })),
    ...frequent.map(({ value, count }) => {
      const all = chosen.includes(value) ? total : undefined
      const isExact = all?.isExact ?? countedSince === null
      return { value, label: labelOf(of, value), count: all?.total ?? count, isExact }
    }),
  ]
}

interface Option {
  /** Empty or `null` for events without a value, which cannot be filtered by. */
  readonly value: string | null
  /** The name to show. */
  readonly label: string
  /** `null` if it is not counted; `undefined` while it is being counted. */
  readonly count: number | null | undefined
  /** Whether `count` is exact; otherwise it is a lower bound. */
  readonly isExact?: boolean | undefined
  /** Shown instead of the label. */
  readonly principal?: PrincipalLike
}

interface ChoiceProps extends Option {
  readonly of: ListName
  readonly value: string
}

interface FacetProps {
  readonly legend?: string
  /** The condition that the options belong to. */
  readonly of: ListName
  readonly options: readonly Option[]
  readonly children?: ComponentChildren
}

/** The values of one property, with the number of events of each. Only one option is in the tab order. */
function Facet({ of, legend = common.names[of], options, children }: FacetProps) {
  return (
    <fieldset class="facet">
      <legend>{legend}</legend>
      <ul {...useOneStop<HTMLUListElement>()}>
        {options.map(({ value, ...option }) =>
          value ? (
            <Choice key={value} {...{ of, value, ...option }} />
          ) : (
            <li key={value} class="none quiet">
              <span class="value">{option.label}</span>
              <span class="count quiet small">{number(option.count ?? 0)}</span>
            </li>
          ),
        )}
      </ul>
      {children}
    </fieldset>
  )
}

function Choice({ of, value, label, count, isExact = true, principal }: ChoiceProps) {
  const place = placeOf(view.value, of, value)
  const toggle = (to: Place) => go(placed(view.value, of, [value], place === to ? 'neither' : to))
  return (
    <li class={place}>
      <label title={value}>
        <input type="checkbox" checked={place === 'included'} onChange={() => toggle('included')} />
        <span class="value">{principal ? <Short of={principal} /> : label}</span>
        {count != null && (
          <span class="count quiet small" title={isExact ? undefined : t.atLeast(count)}>
            {number(count)}
            {!isExact && '+'}
          </span>
        )}
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
  const { byPrincipal, all } = counts ?? {}
  const most = byPrincipal?.counts ?? []
  const others = view.value.principalIds.filter(id =>
    most.every(({ principal }) => principal.principalId !== id),
  )
  const who = useWho(others)
  const chosen = others.map((id, at) => {
    const counted = all?.chosen?.find(({ principal }) => principal.principalId === id)
    return {
      principal: who[at] ?? counted?.principal ?? unnamed(id),
      count: all && (counted?.count ?? 0),
    }
  })
  return (
    <Facet
      of="principalIds"
      options={[...chosen, ...most].map(({ principal, count }) => ({
        ...{ value: principal.principalId, principal, count, isExact: byPrincipal?.isExact },
        label: isUnknown(principal) ? principal.principalId : nameOf(principal),
      }))}
    >
      {most.length >= 10 && !morePrincipals.value && (
        <Button class="plain quiet" onClick={countMore} text={t.more} />
      )}
    </Facet>
  )
}

function countMore(): void {
  morePrincipals.value = true
}

/** A principal of which only the ID is known, at least for now. */
function unnamed(principalId: string): PrincipalLike {
  return { __typename: 'UnknownPrincipal', principalId, name: 'Unknown' }
}

function isUnknown({ __typename }: PrincipalLike): boolean {
  return __typename === 'UnknownPrincipal'
}

function Short({ of }: { of: PrincipalLike }) {
  return (
    <span class={of.__typename}>
      <Name of={nameOf(of)} />{' '}
      {isUnknown(of) && <span class="short-id">{shortId(of.principalId)}</span>}
    </span>
  )
}
