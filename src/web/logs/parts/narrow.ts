// Whether the window is narrow, by the same limit as in the style sheets.

import { useEffect, useState } from 'preact/hooks'

const NARROW = matchMedia('(max-width: 60rem)')

export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(NARROW.matches)
  useEffect(() => {
    const changed = () => setNarrow(NARROW.matches)
    NARROW.addEventListener('change', changed)
    return () => NARROW.removeEventListener('change', changed)
  }, [])
  return narrow
}
