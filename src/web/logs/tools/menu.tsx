// A button that opens a few choices below it; a choice, Escape or a click elsewhere closes them again.

import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

export function Menu({ label, children }: { label: string; children: ComponentChildren }) {
  const id = useId()
  return (
    <span class="menu">
      <button type="button" popovertarget={id}>
        {label} <span aria-hidden="true">▾</span>
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a key on a choice is a click on it */}
      <fieldset
        id={id}
        popover="auto"
        aria-label={label}
        class="menu-body"
        onClick={({ target, currentTarget }) => {
          if (target instanceof Element && target.closest('a, button')) currentTarget.hidePopover()
        }}
      >
        {children}
      </fieldset>
    </span>
  )
}
