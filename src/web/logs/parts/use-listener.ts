// Events of the whole window, for a component while it is mounted.

import { useEffect, useRef } from 'preact/hooks'

/** Calls the handler of the latest render. */
export function useListener<Name extends keyof WindowEventMap>(
  name: Name,
  handler: (event: WindowEventMap[Name]) => void,
): void {
  const latest = useRef(handler)
  latest.current = handler
  useEffect(() => {
    const handle = (event: WindowEventMap[Name]) => latest.current(event)
    addEventListener(name, handle)
    return () => removeEventListener(name, handle)
  }, [name])
}
