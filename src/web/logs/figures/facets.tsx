// The most frequent values of the events that are shown, as options with counts. Each facet ignores its own condition,
// so that the viewer can widen it again. A column on wide windows, otherwise collapsed.

import { type Figures, useFigures } from '../counted/use-figures.ts'
import { asFilter } from '../parts/client-name.ts'
import { labelOf } from '../parts/event-words.tsx'
import { narrow } from '../parts/narrow.ts'
import { words as common } from '../parts/parts.words.ts'
import { view } from '../view/page-address.ts'
import { ACTIONS, CATEGORIES, LISTS, type ListName, placeOf, valuesOf } from '../view/view.ts'
import { Facet, type Option, PrincipalFacet } from './facet.tsx'
import { words } from './figures.words.ts'
import './facets.css'

type Counts = Figures['counts']

export function Facets() {
  const t = words()
  const { action, actions, category, categories, ipAddress, client } = common()
  const { figures, busy } = useFigures()
  const counts = figures?.counts
  const active = LISTS.flatMap(name => [
    ...valuesOf(view.value, name, 'included'),
    ...valuesOf(view.value, name, 'excluded'),
  ]).length
  const kinds = optionsAmong('actions', ACTIONS, actions, counts?.byAction)
  const types = optionsAmong('categories', CATEGORIES, categories, counts?.byCategory)
  const addresses = mostFrequent('ipAddresses', counts)
  return (
    <section class="facets" aria-label={t.filters} aria-busy={busy}>
      <details open={!narrow.value}>
        <summary>
          {t.filters}
          {active > 0 && <span class="quiet"> · {t.active(active)}</span>}
        </summary>
        <div class="facets-body">
          <Facet legend={action} of="actions" options={kinds} />
          <Facet legend={category} of="categories" options={types} />
          <PrincipalFacet counts={counts} />
          <Facet legend={ipAddress} of="ipAddresses" options={addresses} />
          <Facet legend={client} of="userAgents" options={mostFrequent('userAgents', counts)} />
        </div>
      </details>
    </section>
  )
}

/**
 * Always all values, so that none moves; a value that this version does not know is added only if there are such
 * events.
 */
function optionsAmong<Value extends string>(
  of: ListName,
  values: readonly Value[],
  labels: Record<Value, string>,
  counted: Counts['byAction' | 'byCategory'] | undefined,
): Option[] {
  const counts = counted && new Map(counted.counts.map(({ value, count }) => [`${value}`, count]))
  return values
    .filter(
      value =>
        value !== 'UNKNOWN' || counts?.has(value) || placeOf(view.value, of, value) !== 'neither',
    )
    .map(value => ({
      ...{ value, label: labels[value], isExact: counted?.isExact },
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
      ...{ value, label: value, title: value },
      ...{ count: total?.total, isExact: total?.isExact },
    })),
    ...frequent.map(({ value, count }) => {
      const all = chosen.includes(value) ? total : undefined
      return {
        ...{ value, label: labelOf(of, value), title: value },
        ...{ count: all?.total ?? count, isExact: all?.isExact ?? countedSince === null },
      }
    }),
  ]
}
