// Turns live events on or off.

import { go, view } from '../view/page-address.ts'
import { words } from './list.words.ts'

export function LiveToggle() {
  const t = words()
  const { live } = view.value
  return (
    <button
      type="button"
      class="live-toggle"
      aria-pressed={live}
      title={t.liveHint}
      onClick={() => go({ live: !live })}
    >
      <span class="lamp" aria-hidden="true" />
      {t.live}
    </button>
  )
}
