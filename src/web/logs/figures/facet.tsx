// The values of one thing that events can be filtered by, with how many events have each.

import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { number } from '../language.ts'
import { useOneStop } from '../parts/one-stop.ts'
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

/** A list of choices, of which one is in the order of Tab. */
export function Choices({ class: name, busy, children }: ChoicesProps) {
  const list = useRef<HTMLUListElement>(null)
  return (
    <ul ref={list} class={name} aria-busy={busy} {...useOneStop(list)}>
      {children}
    </ul>
  )
}

interface ChoicesProps {
  readonly class?: string
  readonly busy?: boolean
  readonly children: ComponentChildren
}

interface ChoiceProps {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly excluded: boolean
  /** Leaves it out, or no longer. */
  readonly onExclude: () => void
  /** What it is called, where it is told in words. */
  readonly name: string
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
  excluded,
  onExclude,
  name,
  count,
  isExact = true,
  title,
  children,
  after,
}: ChoiceProps) {
  const t = words()
  return (
    <li class={excluded ? 'excluded' : undefined}>
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
      <button
        type="button"
        class="icon exclude"
        title={t.exclude(name)}
        aria-label={t.exclude(name)}
        aria-pressed={excluded}
        onClick={onExclude}
      >
        ≠
      </button>
      {after}
    </li>
  )
}

/** How a value is chosen and left out, which it never is at once. */
export function choosing<Value>(
  value: Value,
  chosen: readonly Value[],
  excluded: readonly Value[],
  change: (chosen: Value[], excluded: Value[]) => void,
): Pick<ChoiceProps, 'checked' | 'onChange' | 'excluded' | 'onExclude'> {
  const isExcluded = excluded.includes(value)
  return {
    checked: chosen.includes(value),
    onChange: there => change(toggled(chosen, value, there), toggled(excluded, value, false)),
    excluded: isExcluded,
    onExclude: () => change(toggled(chosen, value, false), toggled(excluded, value, !isExcluded)),
  }
}

/** The list with the value, or without it. */
function toggled<Value>(values: readonly Value[], value: Value, there: boolean): Value[] {
  const others = values.filter(other => other !== value)
  return there ? [...others, value] : others
}
