// A value that filters the list below, or no longer.

import type { ComponentChildren } from 'preact'
import { go, view } from '../view/address.ts'
import { type ListName, placed, placeOf } from '../view/conditions.ts'

export function ValueButton({
  of,
  value,
  class: name,
  title,
  children,
}: {
  of: ListName
  value: string
  class: string
  title?: string
  children: ComponentChildren
}) {
  const isChosen = placeOf(view.value, of, value) === 'included'
  return (
    <button
      type="button"
      class={name}
      title={title}
      aria-pressed={isChosen}
      onClick={() => go(placed(view.value, of, [value], isChosen ? 'neither' : 'included'))}
    >
      {children}
    </button>
  )
}
