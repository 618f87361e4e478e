// A question mark that explains what is before it, by click, touch or keyboard.

import { useId } from 'preact/hooks'
import { words } from './parts.words.ts'

/** `name`: what is explained. */
export function Hint({ name, text }: { name: string; text: string }) {
  const id = useId()
  return (
    <span class="hint">
      <button type="button" class="icon" popovertarget={id} aria-label={words().what(name)}>
        ?
      </button>
      <span id={id} popover="auto" role="note" class="hint-text floating">
        {text}
      </span>
    </span>
  )
}
