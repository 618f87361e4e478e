// One search box for people, applications, resources, addresses and clients: searches while the viewer types, and
// suggests results by kind. A combobox as defined by WAI-ARIA: the focus stays in the field, and aria-activedescendant
// names the option that Enter selects.

import { useQuery, useQueryClient } from '@tanstack/preact-query'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { Refused } from '../api/ask.ts'
import { number } from '../language.ts'
import { useOrganization } from '../parts/answers.ts'
import { refusalOf } from '../parts/refusal.ts'
import { typedAs } from '../parts/texts.ts'
import { useListener } from '../parts/use-listener.ts'
import { go, view } from '../view/page-address.ts'
import { words as t } from './filters.words.ts'
import {
  findTyped,
  type Suggestion,
  suggestionsFor,
  suggestionsIn,
  withSuggested,
} from './suggestions.ts'

/** `refused`: why the server refused the filter. */
export function SearchBox({ refused }: { refused: string | null }) {
  const id = useId()
  const queries = useQueryClient()
  const organizationId = useOrganization().id
  const input = useSlash()
  const [text, setText] = useState('')
  const [error, setError] = useState('')
  const { suggestions, busy, answered } = useSuggestions(organizationId, text)
  const clear = text === '' ? null : () => type('')
  const { open, options, active, show, onKeyDown } = useList(suggestions, clear)

  function type(typed: string): void {
    setText(typed)
    setError('')
    show(typed !== '')
  }

  function apply(found: readonly Suggestion[]): void {
    go(withSuggested(view.value, found))
    type('')
    input.current?.focus()
  }

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const chosen = options[active]
    try {
      apply(chosen ? [chosen] : await findTyped(queries, organizationId, text))
    } catch (error) {
      if (error instanceof RangeError) setError(error.message)
      else if (error instanceof Refused)
        setError(refusalOf(error, { BAD_USER_INPUT: t.nothingFound(text) }) ?? '')
      else throw error
    }
  }

  return (
    <search class="search">
      <form class="line" onSubmit={submit}>
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label={t.search}
          aria-autocomplete="list"
          aria-expanded={options.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={options[active] && `${id}-${active}`}
          aria-describedby={`${id}-error`}
          aria-invalid={error !== '' || refused !== null}
          aria-keyshortcuts="/"
          aria-busy={busy}
          placeholder={t.searchFor}
          value={text}
          maxLength={4_000}
          {...{ autocomplete: 'off', autocapitalize: 'off', spellcheck: false }}
          enterkeyhint="search"
          onInput={({ currentTarget }) => type(currentTarget.value)}
          onKeyDown={onKeyDown}
          onFocus={() => show(text !== '')}
          onBlur={() => show(false)}
        />
        <button type="submit">{t.search}</button>
      </form>
      <SuggestionList {...{ id, options, active }} onChoose={option => apply([option])} />
      <p class="hidden" role="status">
        {open && answered && t.suggested(suggestions.length)}
      </p>
      <p id={`${id}-error`} class="refused" role="alert">
        {error || refused}
      </p>
    </search>
  )
}

function useSuggestions(organizationId: string, text: string) {
  const search = text.trim()
  const { kind } = typedAs(text)
  const enabled = search !== '' && kind !== 'wrong' && kind !== 'ids'
  const { data, isFetching } = useQuery({ ...suggestionsFor(organizationId, search), enabled })
  return {
    suggestions: suggestionsIn(text, enabled ? data : undefined),
    busy: enabled && isFetching,
    answered: search !== '' && !isFetching,
  }
}

/**
 * The list below the field: its options while open, and the index of the active one, or -1. Escape closes it; if it is
 * closed, Escape clears the field.
 */
function useList(suggestions: readonly Suggestion[], clear: (() => void) | null) {
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const options = open ? suggestions : []

  function show(open: boolean): void {
    setOpen(open)
    setActive(-1)
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.isComposing) return
    if (step !== undefined && suggestions.length > 0) {
      setOpen(true)
      // The field itself comes before the first option and after the last one.
      const places = suggestions.length + 1
      setActive(((active + 1 + step + places) % places) - 1)
    } else if (event.key === 'Escape' && options.length > 0) show(false)
    else if (event.key === 'Escape' && clear !== null) clear()
    else return
    event.preventDefault()
  }

  return { open, options, active, show, onKeyDown }
}

/** The key `/` focuses the field, unless the viewer is typing elsewhere. */
function useSlash() {
  const input = useRef<HTMLInputElement>(null)
  useListener('keydown', event => {
    const { key, target, ctrlKey, metaKey, altKey } = event
    const typing =
      target instanceof HTMLElement && target.closest('input, select, textarea, dialog')
    if (key !== '/' || ctrlKey || metaKey || altKey || typing) return
    event.preventDefault()
    input.current?.focus()
    input.current?.select()
  })
  return input
}

interface SuggestionListProps extends Pick<ReturnType<typeof useList>, 'options' | 'active'> {
  readonly id: string
  readonly onChoose: (option: Suggestion) => void
}

/** The list below the field, by kind. */
function SuggestionList({ id, options, active, onChoose }: SuggestionListProps) {
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
              class="suggestion line"
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
