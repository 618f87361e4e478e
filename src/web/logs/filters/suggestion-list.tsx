// The list below the search box, by kind.

import { useEffect } from 'preact/hooks'
import { number } from '../language.ts'
import { words } from './filters.words.ts'
import type { Suggestion } from './suggestions.ts'

/** `active`: the index of the option that Enter selects. Empty while there are no suggestions. */
export function SuggestionList({
  id,
  options,
  active,
  onChoose,
}: {
  id: string
  options: readonly Suggestion[]
  active: number
  onChoose: (option: Suggestion) => void
}) {
  const t = words()
  useEffect(() => {
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' })
  }, [id, active])
  const groups = Map.groupBy(options.entries(), ([, { kind }]) => kind)
  return (
    <div
      id={`${id}-list`}
      class="suggestions floating"
      role="listbox"
      aria-label={t.suggestions}
      hidden={options.length === 0}
    >
      {[...groups].map(([kind, own]) => (
        // biome-ignore lint/a11y/useSemanticElements: a group of options, and no fieldset
        <div key={kind} role="group" aria-labelledby={`${id}-${kind}`}>
          <p id={`${id}-${kind}`} class="quiet small">
            {t.kinds[kind]}
          </p>
          {own.map(([place, option]) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
            // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are the field's
            <div
              key={`${option.label} ${option.values[0]}`}
              id={`${id}-${place}`}
              class="suggestion row"
              role="option"
              aria-selected={place === active}
              title={option.values.join(', ')}
              // Keeps the focus in the field.
              onPointerDown={event => event.preventDefault()}
              onClick={() => onChoose(option)}
            >
              <bdi class="value cut">{option.label}</bdi>
              {option.detail && <span class="quiet cut">{option.detail}</span>}
              {option.count !== undefined && (
                <span class="quiet count">{number(option.count)}</span>
              )}
            </div>
          ))}
        </div>
      ))}
    </div>
  )
}
