// A summary that opens a panel over the content below. It closes with Escape, when the focus or a click goes elsewhere,
// and by a click on anything in it that has the attribute `data-closes`.

import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { Labelled } from './controls.tsx'
import { useListener } from './use-listener.ts'

interface DropdownProps {
  /** An icon before the text; where there is little space, only the icon is visible. */
  readonly sign?: string
  readonly text: ComponentChildren
  /** The accessible name, if the text alone is not clear, or may be hidden. */
  readonly label: string
  readonly class: string
  readonly children: ComponentChildren
}

/** The panel is placed below the nearest positioned box. */
export function Dropdown({ sign, text, label, class: name, children }: DropdownProps) {
  const details = useRef<HTMLDetailsElement>(null)

  function leave({ target }: Event): void {
    const { current } = details
    if (current?.open && !current.contains(target as Node)) current.open = false
  }
  useListener('pointerdown', leave)
  useListener('focusin', leave)

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
        {sign ? <Labelled sign={sign} text={text} /> : text}
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
