// The log of an Organization: filters, counts and the list, all of the same events.

import { Facets } from '../figures/facets.tsx'
import { Histogram } from '../figures/histogram.tsx'
import { FilterBar } from '../filters/filter-bar.tsx'
import { EventList } from '../list/event-list.tsx'
import { arrived } from '../list/live.ts'
import { LiveToggle } from '../list/live-toggle.tsx'
import { Tools } from '../tools/tools.tsx'
import { asOf, view } from '../view/page-address.ts'
import { filterOf } from '../view/view.ts'
import { ViewsMenu } from '../views/views-menu.tsx'

export function LogPage({ organizationId, name }: { organizationId: string; name: string }) {
  const filter = filterOf(view.value, asOf.value)
  return (
    <div class="log-page">
      <div class="bar">
        <FilterBar organizationId={organizationId} />
        <ViewsMenu organizationId={organizationId} />
        <LiveToggle />
        <Tools {...{ organizationId, name, filter }} />
      </div>
      <Facets organizationId={organizationId} filter={filter} />
      <Histogram organizationId={organizationId} filter={filter} arrived={arrived.value} />
      <EventList organizationId={organizationId} filter={filter} />
    </div>
  )
}
