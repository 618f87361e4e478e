// The names of the columns; Date sorts.

import { go } from '../view/address.ts'
import { words } from './list.words.ts'

/** Sticks to the top of the window, above the rows. */
export function ListHead({ oldestFirst }: { oldestFirst: boolean }) {
  const t = words()
  const { date, ...others } = t.columns
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
            {date} <span aria-hidden="true">{oldestFirst ? '↑' : '↓'}</span>
          </button>
        </th>
        {Object.entries(others).map(([name, text]) => (
          <th key={name} scope="col" class={name === 'from' ? 'from' : `of-${name}`}>
            {name === 'more' ? <span class="hidden">{text}</span> : text}
          </th>
        ))}
      </tr>
    </thead>
  )
}
