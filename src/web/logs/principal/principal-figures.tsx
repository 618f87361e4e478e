// How much a principal did, of which kind, from which addresses and with which clients: of all it did, whatever the
// list below is filtered by. Each figure filters the list; an address also leads to all who were seen there.

import { useQuery } from '@tanstack/preact-query'
import { ask, Refused } from '../api/ask.ts'
import { PrincipalFiguresDocument } from '../api/documents.ts'
import { day } from '../dates.ts'
import { number } from '../language.ts'
import { words as common } from '../parts/parts.words.ts'
import { asOf, go, view } from '../view/address.ts'
import { Places } from './places.tsx'
import { words } from './principal.words.ts'

export function PrincipalFigures({
  organizationId,
  principalId,
}: {
  organizationId: string
  principalId: string
}) {
  const t = words()
  const { data, error } = useQuery({
    queryKey: ['principal-figures', organizationId, principalId, asOf.value],
    queryFn: ({ signal }) => ask(PrincipalFiguresDocument, { organizationId, principalId }, signal),
    placeholderData: before => before,
  })
  const figures = data?.organization?.eventCounts
  if (figures === undefined) {
    return (
      <section class="principal-figures" aria-label={t.figures} aria-busy={error === null}>
        <p role="status" class="quiet">
          {error instanceof Refused ? error.message : t.counting}
        </p>
      </section>
    )
  }
  const { actions, categories, events, newestOnly } = common()
  const shown = view.value
  return (
    <section class="principal-figures" aria-label={t.figures}>
      <p class="total">
        <strong>{events(figures.total)}</strong>
        {figures.countedSince !== null && (
          <span class="quiet"> {newestOnly(day(figures.countedSince))}</span>
        )}
      </p>
      <ul class="counts" aria-label={t.byKind}>
        {figures.byAction.map(({ action, count }) => (
          <Count
            key={action}
            {...{ name: actions[action], count, badge: action }}
            pressed={shown.actions.includes(action)}
            toggle={pressed => go({ actions: pressed ? [] : [action] })}
          />
        ))}
        {figures.byCategory.map(({ category, count }) => (
          <Count
            key={category}
            {...{ name: categories[category], count }}
            pressed={shown.categories.includes(category)}
            toggle={pressed => go({ categories: pressed ? [] : [category] })}
          />
        ))}
      </ul>
      <Places addresses={figures.byIpAddress} agents={figures.byUserAgent} />
    </section>
  )
}

function Count({
  name,
  count,
  badge = 'none',
  pressed,
  toggle,
}: {
  name: string
  count: number
  badge?: string
  pressed: boolean
  toggle(pressed: boolean): void
}) {
  return (
    <li>
      <button
        type="button"
        class={`action ${badge}`}
        aria-pressed={pressed}
        onClick={() => toggle(pressed)}
      >
        {name} <b>{number(count)}</b>
      </button>
    </li>
  )
}
