// The log of an Organization: filters, figures and the list, all of the same events.

import { CoverageLine } from '../figures/coverage-line.tsx'
import { Facets } from '../figures/facets.tsx'
import { Histogram } from '../figures/histogram.tsx'
import { FilterBar } from '../filters/filter-bar.tsx'
import { EventList } from '../list/event-list.tsx'
import { arrived } from '../list/live.ts'
import { Tools } from '../tools/tools.tsx'
import { asOf, view } from '../view/address.ts'
import { filterOf } from '../view/view.ts'

export function LogPage({ organizationId }: { organizationId: string }) {
  const filter = filterOf(view.value, asOf.value)
  return (
    <div class="log-page">
      <div class="above ends">
        <CoverageLine organizationId={organizationId} />
        <Tools organizationId={organizationId} filter={filter} />
      </div>
      <FilterBar organizationId={organizationId} />
      <Histogram organizationId={organizationId} filter={filter} arrived={arrived.value} />
      <Facets organizationId={organizationId} filter={filter} />
      <EventList organizationId={organizationId} filter={filter} />
    </div>
  )
}
