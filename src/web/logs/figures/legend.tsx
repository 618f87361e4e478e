// Which colour stands for which action in the bars. Patterns tell them apart, too.

import type { Bar } from '../counted/range.ts'
import { words } from '../parts/parts.words.ts'
import { ACTIONS } from '../view/view.ts'

/** What this version does not know only where there is some. */
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
