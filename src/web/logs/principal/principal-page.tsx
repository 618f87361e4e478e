// One principal: its data, as far as the viewer may see it, the addresses and clients it used, changes to it, and its
// events. The log's filters apply here too, to the list but not to the numbers above it.

import { useQuery } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import { PrincipalDocument } from '../api/page-documents.ts'
import { Histogram } from '../figures/histogram.tsx'
import { Conditions } from '../filters/condition-list.tsx'
import { EventList } from '../list/event-list.tsx'
import { LiveToggle } from '../list/live-toggle.tsx'
import { refusalOf } from '../parts/refusal.ts'
import { ViewLink } from '../parts/view-link.tsx'
import { Tools } from '../tools/tools.tsx'
import { asOf, view } from '../view/page-address.ts'
import { filterOf } from '../view/view.ts'
import { ApiKeys } from './api-keys.tsx'
import { DoneTo } from './done-to.tsx'
import { Facts } from './facts.tsx'
import { words } from './principal.words.ts'
import { PrincipalFigures } from './principal-figures.tsx'
import { PrincipalHeading } from './principal-heading.tsx'
import './principal.css'

/** The query key of a principal's data, for other parts that show it. */
export function principalKey(organizationId: string, principalId: string | null) {
  return ['principal', organizationId, principalId, asOf.value]
}

export function PrincipalPage({
  organizationId,
  organizationName,
  principalId,
}: {
  organizationId: string
  organizationName: string
  principalId: string
}) {
  const t = words()
  const { data, error } = useQuery({
    queryKey: principalKey(organizationId, principalId),
    queryFn: ({ signal }) => ask(PrincipalDocument, { organizationId, principalId }, signal),
    placeholderData: before => before,
  })
  const { principal = null, doneTo } = data?.organization ?? {}
  const acted = principal !== null && principal.newest.nodes.length > 0
  // The view's conditions by principal belong to the log that the viewer came from.
  const filter = filterOf(
    { ...view.value, principalIds: [principalId], notPrincipalIds: [] },
    asOf.value,
  )
  const done = doneTo && <DoneTo id={principalId} events={doneTo.nodes} />
  return (
    <div class="principal-page" aria-busy={data === undefined && error === null}>
      <ViewLink class="back" to={{ principalId: null, eventId: null }}>
        ← {t.back}
      </ViewLink>
      {error !== null && (
        <p role="alert" class="refused">
          {refusalOf(error)}
        </p>
      )}
      {data !== undefined && principal === null && (
        <p role="status" class="nobody">
          {t.nobody(principalId)}
        </p>
      )}
      {principal !== null && (
        <>
          <PrincipalHeading of={principal} />
          <div class="about">
            <div class="described">
              <Facts of={principal} />
              {done}
            </div>
            <div class="described">
              {acted && <PrincipalFigures {...{ organizationId, principalId }} />}
              {'apiKeys' in principal && <ApiKeys keys={principal.apiKeys} />}
            </div>
          </div>
        </>
      )}
      {principal === null && done}
      {acted && (
        <section class="did" aria-labelledby="did">
          <div class="bar">
            <h3 id="did">{t.did}</h3>
            <LiveToggle />
            <Tools {...{ organizationId, name: organizationName, filter }} />
          </div>
          <Conditions organizationId={organizationId} />
          <Histogram {...{ organizationId, filter }} />
          <EventList {...{ organizationId, filter }} />
        </section>
      )}
    </div>
  )
}
