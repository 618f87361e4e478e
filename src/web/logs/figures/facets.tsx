// What the events that are shown have in common, as choices with counts: each leaves its own condition out, so that
// one can widen what one narrowed. A column where there is room, otherwise folded away.

import type { EventFilter } from '../api/documents.ts'
import { useFigures } from '../counted/figures.ts'
import { useNarrow } from '../parts/narrow.ts'
import { words as common } from '../parts/parts.words.ts'
import { go, view } from '../view/address.ts'
import { ACTIONS, CATEGORIES, type View } from '../view/view.ts'
import { Choice, Choices, choosing, Facet } from './facet.tsx'
import { words } from './figures.words.ts'
import { OriginFacets } from './origin-facets.tsx'
import { PrincipalFacet } from './principal-facet.tsx'
import './facets.css'

export function Facets({
  organizationId,
  filter,
}: {
  organizationId: string
  filter: EventFilter
}) {
  const t = words()
  const names = common()
  const { figures, busy } = useFigures(organizationId, filter)
  const narrow = useNarrow()
  const { actions, categories, notActions, notCategories } = view.value
  const counts = figures?.counts
  const body = (
    <div class="facets-body">
      <Facet name={names.action}>
        <Values
          values={ACTIONS}
          names={names.actions}
          chosen={actions}
          excluded={notActions}
          counted={byValue(counts?.byAction.counts, ({ action }) => action)}
          isExact={counts?.byAction.isExact}
          onChange={(actions, notActions) => go({ actions, notActions })}
        />
      </Facet>
      <Facet name={names.category}>
        <Values
          values={CATEGORIES}
          names={names.categories}
          chosen={categories}
          excluded={notCategories}
          counted={byValue(counts?.byCategory.counts, ({ category }) => category)}
          isExact={counts?.byCategory.isExact}
          onChange={(categories, notCategories) => go({ categories, notCategories })}
        />
      </Facet>
      <PrincipalFacet organizationId={organizationId} figures={figures} />
      <OriginFacets figures={figures} />
    </div>
  )
  const active = activeIn(view.value)
  if (!narrow) {
    return (
      <section class="facets" aria-label={t.filters} aria-busy={busy}>
        {body}
      </section>
    )
  }
  return (
    <details class="facets" aria-busy={busy}>
      <summary>
        {t.filters}
        {active > 0 && <span class="quiet"> · {t.active(active)}</span>}
      </summary>
      {body}
    </details>
  )
}

/** How many conditions there are that are shown here. */
function activeIn(shown: View): number {
  const lists = [
    ...[shown.actions, shown.categories, shown.principalIds, shown.ipAddresses],
    ...[shown.notActions, shown.notCategories, shown.notPrincipalIds, shown.notIpAddresses],
    ...[shown.userAgents, shown.notUserAgents],
  ]
  return lists.reduce((sum, { length }) => sum + length, 0)
}

interface ValuesProps<Value extends string> {
  readonly values: readonly Value[]
  readonly names: Record<Value, string>
  readonly chosen: readonly Value[]
  readonly excluded: readonly Value[]
  /** `undefined` while nothing is counted. */
  readonly counted: ReadonlyMap<Value, number> | undefined
  readonly isExact: boolean | undefined
  readonly onChange: (chosen: Value[], excluded: Value[]) => void
}

/** All values there are, so that none jumps; what this version does not know only where there is some. */
function Values<Value extends string>({
  values,
  names,
  chosen,
  excluded,
  counted,
  isExact = true,
  onChange,
}: ValuesProps<Value>) {
  return (
    <Choices>
      {values
        .filter(
          value =>
            value !== 'UNKNOWN' || [...chosen, ...excluded].includes(value) || counted?.has(value),
        )
        .map(value => (
          <Choice
            key={value}
            {...choosing(value, chosen, excluded, onChange)}
            name={names[value]}
            count={counted && (counted.get(value) ?? 0)}
            isExact={isExact}
          >
            {names[value]}
          </Choice>
        ))}
    </Choices>
  )
}

function byValue<Count extends { count: number }, Value>(
  counts: readonly Count[] | undefined,
  value: (count: Count) => Value,
): Map<Value, number> | undefined {
  return counts && new Map(counts.map(each => [value(each), each.count]))
}
