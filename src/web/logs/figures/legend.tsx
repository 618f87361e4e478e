// Which colour means which action in the bars. Patterns distinguish them too.

import type { Bar } from '../counted/range.ts'
import { words } from '../parts/parts.words.ts'
import { ACTIONS } from '../view/view.ts'

/** An action that this version does not know is listed only if there are such events. */
export function Legend({ bars }: { bars: readonly Bar[] }) {
  const { actions } = words()
  const isThere = bars.some(bar => bar.byAction.some(({ action }) => action === 'UNKNOWN'))
  return (
    <ul class="legend">
      {ACTIONS.filter(action => action !== 'UNKNOWN' || isThere).map(action => (
        <li key={action}>
          <b class={action} aria-hidden="true" />
          {actions[action]}
        </li>
      ))}
    </ul>
  )
}
