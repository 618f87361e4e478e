// A summary that opens a panel over the content below. It closes with Escape, when the focus or a click goes elsewhere,
// and by a click on anything in it that has the attribute `data-closes`.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface DropdownProps {
  readonly summary: ComponentChildren
  /** Its accessible name, if the summary alone is not clear. */
  readonly label?: string
  readonly class: string
  readonly children: ComponentChildren
}

/** The panel is placed below the nearest positioned box. */
export function Dropdown({ summary, label, class: name, children }: DropdownProps) {
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

  return (
    <details
      ref={details}
      class={`dropdown ${name}`}
      onClick={({ target }) => {
        if (target instanceof Element && target.closest('[data-closes]')) closeAround(target)
      }}
      onKeyDown={press => {
        if (press.key !== 'Escape' || !details.current?.open) return
        // Escape closes only this panel.
        press.stopPropagation()
        closeAround(details.current)
      }}
    >
      <summary aria-label={label} title={label}>
        {summary}
      </summary>
      <div class="panel floating">{children}</div>
    </details>
  )
}

/** Closes the dropdown that contains the element, and returns the focus to its summary. */
export function closeAround(element: Element): void {
  const details = element.closest('details')
  if (!details?.open) return
  details.open = false
  details.querySelector('summary')?.focus()
}
