// The head of the list: the names of the visible columns, a menu that chooses them, and live events on or off.

import { Button, Sign } from '../parts/controls.tsx'
import { Dropdown } from '../parts/dropdown.tsx'
import { go, view } from '../view/page-address.ts'
import { COLUMNS } from '../view/view.ts'
import { words as t } from './list.words.ts'

/** Stays at the top of the window, above the rows; clicking Date sorts. */
export function ListHead() {
  const { oldestFirst, hidden } = view.value
  return (
    <thead class="columns quiet small">
      <tr aria-rowindex={1} class="event">
        <th
          scope="col"
          class="date"
          style={{ gridArea: 'date' }}
          aria-sort={oldestFirst ? 'ascending' : 'descending'}
        >
          <Button
            class="plain"
            title={oldestFirst ? t.oldestFirst : t.newestFirst}
            onClick={() => go({ oldestFirst: !oldestFirst })}
          >
            {t.columns.date} <span aria-hidden="true">{oldestFirst ? '↑' : '↓'}</span>
          </Button>
        </th>
        {COLUMNS.filter(name => !hidden.includes(name)).map(name => (
          <th key={name} scope="col" class={`of-${name}`} style={{ gridArea: name }}>
            {t.columns[name]}
          </th>
        ))}
        <th scope="col" class="of-more" style={{ gridArea: 'more' }}>
          <span class="hidden">{t.columns.more}</span>
          <ColumnsMenu />
        </th>
      </tr>
    </thead>
  )
}

const THREE_COLUMNS = 'M1.5 2.5h13v11h-13zM6 2.5v11M10.5 2.5v11'

function ColumnsMenu() {
  const { hidden } = view.value
  return (
    <Dropdown class="columns-menu" label={t.chooseColumns} text={<Sign of={THREE_COLUMNS} />}>
      <fieldset>
        <legend>{t.chooseColumns}</legend>
        {COLUMNS.map(name => (
          <label key={name} class="row">
            <input
              type="checkbox"
              checked={!hidden.includes(name)}
              onChange={() =>
                go({ hidden: COLUMNS.filter(one => hidden.includes(one) !== (one === name)) })
              }
            />
            {t.columns[name]}
          </label>
        ))}
      </fieldset>
    </Dropdown>
  )
}

export function LiveToggle() {
  const { live } = view.value
  return (
    <Button
      class="live-toggle"
      aria-pressed={live}
      title={t.liveHint}
      onClick={() => go({ live: !live })}
      text={t.live}
    />
  )
}
