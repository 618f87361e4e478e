// All filters in one place: the period, the search, and each current condition as a chip, from whichever part of the
// page it was added.

import { useFigures } from '../counted/use-figures.ts'
import { Button, Labelled } from '../parts/button.tsx'
import { refusalOf } from '../parts/refusal.ts'
import { refresh } from '../view/page-address.ts'
import { Conditions } from './condition-list.tsx'
import { words as t } from './filters.words.ts'
import { RangeMenu } from './range-menu.tsx'
import { SearchBox } from './search-box.tsx'
import './filters.css'

export function FilterBar() {
  return (
    <section class="filter-bar" aria-label={t.filters}>
      <RangeMenu />
      <SearchBox refused={refusalOf(useFigures().error)} />
      <Button class="refresh" title={t.refresh} onClick={refresh}>
        <Labelled sign="M13.5 8a5.5 5.5 0 1 1-1.6-3.9L13.5 5.7M13.5 2v3.7H9.8" text={t.refresh} />
      </Button>
      <Conditions />
    </section>
  )
}
