// A summary that opens a panel over what is below it. Escape closes it, and so does turning to something else.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** `children` may close it by `close`, which gives the focus back. The panel stands below the nearest positioned box. */
export function Dropdown({
  summary,
  label,
  class: name,
  children,
}: {
  summary: ComponentChildren
  /** What it is called, where the summary alone does not say. */
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
        // It closes nothing else.
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
