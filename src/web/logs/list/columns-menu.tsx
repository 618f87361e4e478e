// The menu that chooses the columns, at the end of the table's head.

import { Dropdown } from '../parts/dropdown.tsx'
import { Sign } from '../parts/sign.tsx'
import { go, view } from '../view/page-address.ts'
import { COLUMNS } from '../view/view.ts'
import { words } from './list.words.ts'

const THREE_COLUMNS = 'M1.5 2.5h13v11h-13zM6 2.5v11M10.5 2.5v11'

export function ColumnsMenu() {
  const t = words()
  const { hidden } = view.value
  return (
    <Dropdown class="columns-menu" label={t.chooseColumns} summary={<Sign of={THREE_COLUMNS} />}>
      {() => (
        <fieldset>
          <legend>{t.chooseColumns}</legend>
          {COLUMNS.map(name => (
            <label key={name}>
              <input
                type="checkbox"
                checked={!hidden.includes(name)}
                onChange={({ currentTarget: { checked } }) =>
                  go({
                    hidden: COLUMNS.filter(one => (one === name ? !checked : hidden.includes(one))),
                  })
                }
              />
              {t.columns[name]}
            </label>
          ))}
        </fieldset>
      )}
    </Dropdown>
  )
}
