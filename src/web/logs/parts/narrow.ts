// Whether the window is narrow, by the same limit as in the style sheets.

import { signal } from '@preact/signals'

const NARROW = matchMedia('(max-width: 60rem)')

export const narrow = signal(NARROW.matches)

NARROW.addEventListener('change', () => {
  narrow.value = NARROW.matches
})
