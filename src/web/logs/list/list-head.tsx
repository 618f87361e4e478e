// The names of the visible columns; clicking Date sorts.

import { go, view } from '../view/page-address.ts'
import { COLUMNS } from '../view/view.ts'
import { ColumnsMenu } from './columns-menu.tsx'
import { words } from './list.words.ts'

/** Stays at the top of the window, above the rows. */
export function ListHead() {
  const t = words()
  const { oldestFirst, hidden } = view.value
  return (
    <thead class="columns">
      <tr aria-rowindex={1} class="event">
        <th scope="col" class="date" aria-sort={oldestFirst ? 'ascending' : 'descending'}>
          <button
            type="button"
            class="plain"
            title={oldestFirst ? t.oldestFirst : t.newestFirst}
            onClick={() => go({ oldestFirst: !oldestFirst })}
          >
            {t.columns.date} <span aria-hidden="true">{oldestFirst ? '↑' : '↓'}</span>
          </button>
        </th>
        {COLUMNS.filter(name => !hidden.includes(name)).map(name => (
          <th key={name} scope="col" class={`of-${name}`}>
            {t.columns[name]}
          </th>
        ))}
        <th scope="col" class="of-more">
          <span class="hidden">{t.columns.more}</span>
          <ColumnsMenu />
        </th>
      </tr>
    </thead>
  )
}
