// The values of one property that events can be filtered by, with the number of events of each.

import type { ComponentChildren } from 'preact'
import { type Figures, MOST_PRINCIPALS, principalsCounted } from '../counted/use-figures.ts'
import { number } from '../language.ts'
import { Button } from '../parts/button.tsx'
import { Name } from '../parts/name.tsx'
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
import { type ListName, type Place, placed, placeOf } from '../view/view.ts'
import { words } from './figures.words.ts'

export interface Option {
  /** Empty or `null` for events without a value, which cannot be filtered by. */
  readonly value: string | null
  /** The name to show. */
  readonly label: string
  /** `null` if it is not counted; `undefined` while it is being counted. */
  readonly count: number | null | undefined
  /** Whether `count` is exact; otherwise it is a lower bound. */
  readonly isExact?: boolean | undefined
  readonly title?: string
  /** Shown instead of the label. */
  readonly shown?: ComponentChildren
  /** Shown after the option, but not part of it. */
  readonly after?: ComponentChildren
}

interface FacetProps {
  readonly legend: string
  /** The condition that the options belong to. */
  readonly of: ListName
  readonly options: readonly Option[]
  readonly children?: ComponentChildren
}

/** Only one option is in the tab order. */
export function Facet({ legend, of, options, children }: FacetProps) {
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

function Choice({
  of,
  value,
  label,
  count,
  isExact = true,
  title,
  shown = label,
  after,
}: Option & { of: ListName; value: string }) {
  const { exclude, atLeast } = words()
  const place = placeOf(view.value, of, value)
  const toggle = (to: Place) => go(placed(view.value, of, [value], place === to ? 'neither' : to))
  return (
    <li class={place}>
      <label title={title}>
        <input type="checkbox" checked={place === 'included'} onChange={() => toggle('included')} />
        <span class="value">{shown}</span>
        {count != null && (
          <span class="count quiet small" title={isExact ? undefined : atLeast(count)}>
            {number(count)}
            {!isExact && '+'}
          </span>
        )}
      </label>
      <Button
        class="icon exclude"
        label={exclude(label)}
        aria-pressed={place === 'excluded'}
        onClick={() => toggle('excluded')}
      >
        ≠
      </Button>
      {after}
    </li>
  )
}

export function PrincipalFacet({ counts }: { counts: Figures['counts'] | undefined }) {
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
      legend={common().principal}
      of="principalIds"
      options={[...chosen, ...most].map(({ principal, count }) => ({
        ...described(principal),
        ...{ count, isExact: byPrincipal?.isExact },
      }))}
    >
      {most.length >= principalsCounted.value && most.length < MOST_PRINCIPALS && (
        <Button
          class="plain quiet"
          onClick={() => {
            principalsCounted.value = MOST_PRINCIPALS
          }}
        >
          {words().more}
        </Button>
      )}
    </Facet>
  )
}

/** A principal of which only the ID is known, at least for now. */
function unnamed(principalId: string): PrincipalLike {
  return { __typename: 'UnknownPrincipal', principalId, name: 'Unknown' }
}

function described(principal: PrincipalLike): Omit<Option, 'count'> {
  const { __typename, principalId } = principal
  const isUnknown = __typename === 'UnknownPrincipal'
  return {
    ...{ value: principalId, label: isUnknown ? principalId : nameOf(principal) },
    ...{ title: principalId, after: <PrincipalHint of={principal} /> },
    shown: (
      <span class={__typename}>
        <Name of={nameOf(principal)} />{' '}
        {isUnknown && <span class="short-id">{shortId(principalId)}</span>}
      </span>
    ),
  }
}
