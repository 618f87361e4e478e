// The text below the rows: the end of the list, or why there are no rows, or why no more can be loaded.

import { Refused } from '../api/ask.ts'
import { refusalOf } from '../parts/refusal.ts'
import { asOf, go, view } from '../view/page-address.ts'
import { filterOf, NO_FILTER } from '../view/view.ts'
import { words } from './list.words.ts'
import type { Pages } from './loaded-pages.ts'

export function ListEnd({ pages, refused }: { pages: Pages; refused: Error | null }) {
  const t = words()
  if (refused !== null) {
    const invalid = refused instanceof Refused && refused.code === 'BAD_USER_INPUT'
    return (
      <div role="alert" class="list-end">
        <p>
          {refusalOf(refused)} {invalid && <ClearFilters />}
        </p>
      </div>
    )
  }
  if (!pages.ready.value || !pages.ended()) return null
  if (pages.count() > 0) return <p class="list-end quiet">{t.end}</p>
  const filtered = Object.keys(filterOf(view.value, asOf.value)).length > 0
  return (
    <p role="status" class="list-end none">
      {filtered ? t.noMatch : t.nothing} {filtered && <ClearFilters />}
    </p>
  )
}

function ClearFilters() {
  return (
    <button type="button" onClick={() => go(NO_FILTER)}>
      {words().clear}
    </button>
  )
}
