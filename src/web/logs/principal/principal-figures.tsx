// A principal's activity in numbers: by kind, address and client, over all its events, whatever the list below is
// filtered by. Each number filters the list; an address also links to all principals that used it.

import { useQuery } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import { PrincipalFiguresDocument } from '../api/page-documents.ts'
import { day } from '../dates.ts'
import { number } from '../language.ts'
import { words as common } from '../parts/parts.words.ts'
import { refusalOf } from '../parts/refusal.ts'
import { asOf } from '../view/page-address.ts'
import { words } from './principal.words.ts'
import { ValueButton } from './value-button.tsx'
import { ValueTable } from './value-table.tsx'

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
          {refusalOf(error) ?? t.counting}
        </p>
      </section>
    )
  }
  const { actions, categories, events, newestOnly, ipAddress, client } = common()
  const { byAction, byCategory, byIpAddress, byUserAgent } = figures
  return (
    <section class="principal-figures" aria-label={t.figures}>
      <p class="total">
        <strong>{events(figures.total)}</strong>
        {figures.countedSince !== null && (
          <span class="quiet"> {newestOnly(day(figures.countedSince))}</span>
        )}
      </p>
      <ul class="counts" aria-label={t.byKind}>
        {byAction.map(({ value, count }) => (
          <li key={value}>
            <ValueButton of="actions" value={value} class={`action ${value}`}>
              {actions[value]} <b>{number(count)}</b>
            </ValueButton>
          </li>
        ))}
        {byCategory.map(({ value, count }) => (
          <li key={value}>
            <ValueButton of="categories" value={value} class="action">
              {categories[value]} <b>{number(count)}</b>
            </ValueButton>
          </li>
        ))}
      </ul>
      <div class="tables">
        <ValueTable of="ipAddresses" name={ipAddress} counted={byIpAddress} />
        <ValueTable of="userAgents" name={client} counted={byUserAgent} />
      </div>
    </section>
  )
}
