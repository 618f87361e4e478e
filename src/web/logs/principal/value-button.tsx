// A value that filters the list below, or removes that filter.

import type { ButtonHTMLAttributes } from 'preact'
import { go, view } from '../view/page-address.ts'
import { type ListName, placed, placeOf } from '../view/view.ts'

interface ValueButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'value'> {
  readonly of: ListName
  readonly value: string
}

export function ValueButton({ of, value, ...button }: ValueButtonProps) {
  const isChosen = placeOf(view.value, of, value) === 'included'
  const toggle = () => go(placed(view.value, of, [value], isChosen ? 'neither' : 'included'))
  return <button {...button} type="button" aria-pressed={isChosen} onClick={toggle} />
}
