// The values of one thing that events can be filtered by, with how many events have each.

import type { ComponentChildren } from 'preact'
import { number } from '../language.ts'
import { words } from './figures.words.ts'

interface FacetProps {
  readonly name: string
  readonly children: ComponentChildren
}

export function Facet({ name, children }: FacetProps) {
  return (
    <fieldset class="facet">
      <legend>{name}</legend>
      {children}
    </fieldset>
  )
}

interface ChoiceProps {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  /** `null` where nobody counted; `undefined` while it is being counted. */
  readonly count: number | null | undefined
  /** Whether `count` is all; otherwise there are as many or more. */
  readonly isExact?: boolean
  readonly title?: string
  /** What is shown of the value. */
  readonly children: ComponentChildren
  /** What stands behind it and is no part of the choice. */
  readonly after?: ComponentChildren
}

export function Choice({
  checked,
  onChange,
  count,
  isExact = true,
  title,
  children,
  after,
}: ChoiceProps) {
  const t = words()
  return (
    <li>
      <label title={title}>
        <input
          type="checkbox"
          checked={checked}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        <span class="value">{children}</span>
        {count != null && (
          <span class="count" title={isExact ? undefined : t.atLeast(count)}>
            {number(count)}
            {!isExact && '+'}
          </span>
        )}
      </label>
      {after}
    </li>
  )
}

/** The list with the value, or without it. */
export function toggled<Value>(values: readonly Value[], value: Value, there: boolean): Value[] {
  const others = values.filter(other => other !== value)
  return there ? [...others, value] : others
}
