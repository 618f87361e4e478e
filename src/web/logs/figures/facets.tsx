// What the events that are shown have in common, as choices with counts: each leaves its own condition out, so that
// one can widen what one narrowed. A column where there is room, otherwise folded away.

import { useEffect, useState } from 'preact/hooks'
import type { EventFilter } from '../api/documents.ts'
import { useFigures } from '../counted/figures.ts'
import { words as common } from '../parts/parts.words.ts'
import { go, view } from '../view/address.ts'
import { ACTIONS, CATEGORIES } from '../view/view.ts'
import { Choice, Facet, toggled } from './facet.tsx'
import { words } from './figures.words.ts'
import { OriginFacets } from './origin-facets.tsx'
import { PrincipalFacet } from './principal-facet.tsx'
import './figures.css'

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
  const { actions, categories, principalIds, ipAddress, userAgent } = view.value
  const counts = figures?.counts
  const body = (
    <div class="facets-body">
      <Facet name={names.action}>
        <Values
          values={ACTIONS}
          names={names.actions}
          chosen={actions}
          counted={byValue(counts?.byAction.counts, ({ action }) => action)}
          isExact={counts?.byAction.isExact}
          onChange={actions => go({ actions })}
        />
      </Facet>
      <Facet name={names.category}>
        <Values
          values={CATEGORIES}
          names={names.categories}
          chosen={categories}
          counted={byValue(counts?.byCategory.counts, ({ category }) => category)}
          isExact={counts?.byCategory.isExact}
          onChange={categories => go({ categories })}
        />
      </Facet>
      <PrincipalFacet organizationId={organizationId} figures={figures} />
      <OriginFacets figures={figures} />
    </div>
  )
  const single = [ipAddress, userAgent].filter(value => value !== null)
  const active = actions.length + categories.length + principalIds.length + single.length
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

interface ValuesProps<Value extends string> {
  readonly values: readonly Value[]
  readonly names: Record<Value, string>
  readonly chosen: readonly Value[]
  /** `undefined` while nothing is counted. */
  readonly counted: ReadonlyMap<Value, number> | undefined
  readonly isExact: boolean | undefined
  readonly onChange: (chosen: Value[]) => void
}

/** All values there are, so that none jumps; what this version does not know only where there is some. */
function Values<Value extends string>({
  values,
  names,
  chosen,
  counted,
  isExact = true,
  onChange,
}: ValuesProps<Value>) {
  return (
    <ul>
      {values
        .filter(value => value !== 'UNKNOWN' || chosen.includes(value) || counted?.has(value))
        .map(value => (
          <Choice
            key={value}
            checked={chosen.includes(value)}
            count={counted && (counted.get(value) ?? 0)}
            isExact={isExact}
            onChange={there => onChange(toggled(chosen, value, there))}
          >
            {names[value]}
          </Choice>
        ))}
    </ul>
  )
}

function byValue<Count extends { count: number }, Value>(
  counts: readonly Count[] | undefined,
  value: (count: Count) => Value,
): Map<Value, number> | undefined {
  return counts && new Map(counts.map(each => [value(each), each.count]))
}

/** As the frame's style sheet has it. */
const NARROW = matchMedia('(max-width: 60rem)')

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(NARROW.matches)
  useEffect(() => {
    const changed = () => setNarrow(NARROW.matches)
    NARROW.addEventListener('change', changed)
    return () => NARROW.removeEventListener('change', changed)
  }, [])
  return narrow
}
