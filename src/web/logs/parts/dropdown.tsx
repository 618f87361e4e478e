// A summary that opens a panel over the content below. It closes with Escape, and when the focus or a click goes
// elsewhere.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/**
 * `children` may close it with `close`, which returns the focus. The panel is placed below the nearest positioned box.
 */
export function Dropdown({
  summary,
  label,
  class: name,
  children,
}: {
  summary: ComponentChildren
  /** Its accessible name, if the summary alone is not clear. */
  label?: string
  class: string
  children: (close: () => void) => ComponentChildren
}) {
  const details = useRef<HTMLDetailsElement>(null)

  useEffect(() => {
    const elsewhere = ({ target }: Event) => {
      const { current } = details
      if (current?.open && !(target instanceof Node && current.contains(target)))
        current.open = false
    }
    document.addEventListener('pointerdown', elsewhere)
    document.addEventListener('focusin', elsewhere)
    return () => {
      document.removeEventListener('pointerdown', elsewhere)
      document.removeEventListener('focusin', elsewhere)
    }
  }, [])

  function close(): void {
    const { current } = details
    if (!current?.open) return
    current.open = false
    current.querySelector('summary')?.focus()
  }

  return (
    <details
      ref={details}
      class={`dropdown ${name}`}
      onKeyDown={press => {
        if (press.key !== 'Escape' || !details.current?.open) return
        // Escape closes only this panel.
        press.stopPropagation()
        close()
      }}
    >
      <summary aria-label={label} title={label}>
        {summary}
      </summary>
      <div class="panel floating">{children(close)}</div>
    </details>
  )
}
