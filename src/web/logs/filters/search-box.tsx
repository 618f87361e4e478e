// One box for people, applications, resources, addresses and clients: what is typed is looked for as it is typed, and
// what is found is offered by kind. A combobox as WAI-ARIA describes it: the focus stays in the field, and the option that
// Enter takes is told by aria-activedescendant.

import { useQuery, useQueryClient } from '@tanstack/preact-query'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { Refused } from '../api/ask.ts'
import { go, view } from '../view/address.ts'
import { type Found, withAdded } from './added.ts'
import { words } from './filters.words.ts'
import { SuggestionList } from './suggestion-list.tsx'
import { known, suggestionsFor, suggestionsIn } from './suggestions.ts'
import { typedAs } from './typed.ts'

/** How long nothing is typed before it is searched for, in milliseconds. */
const PAUSE = 150

/** `refused`: why the server does not take what is filtered by, in its words. */
export function SearchBox({
  organizationId,
  refused,
}: {
  organizationId: string
  refused: string | null
}) {
  const t = words()
  const id = useId()
  const queries = useQueryClient()
  const input = useSlash()
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const [said, setSaid] = useState('')
  const search = text.trim()
  const settled = useSettled(search)
  const typed = typedAs(text)
  const isAsked =
    settled !== '' && settled === search && typed.kind !== 'wrong' && typed.kind !== 'ids'
  const { data, isFetching } = useQuery({
    ...suggestionsFor(organizationId, settled),
    enabled: isAsked,
  })
  const options = suggestionsIn(text, isAsked ? data : undefined)
  const isOpen = open && options.length > 0
  const chosen = isOpen ? options[active] : undefined

  function apply(added: readonly Found[]): void {
    go(withAdded(view.value, added))
    type('')
    input.current?.focus()
  }

  function type(typed: string): void {
    setText(typed)
    setSaid('')
    setActive(-1)
    setOpen(typed !== '')
  }

  /** What is typed, where no option is chosen: as what it is, or as the first that is found by it. */
  async function submit(): Promise<void> {
    if (chosen !== undefined) return apply([chosen])
    if (typed.kind === 'wrong') return setSaid(t.wrongAddress(typed.word))
    try {
      if (typed.kind === 'ids') return apply(await known(queries, organizationId, typed.values))
      if (typed.kind === 'text' && typed.text === '') return
      const answer =
        typed.kind === 'text'
          ? await queries.fetchQuery(suggestionsFor(organizationId, search))
          : undefined
      const [first] = suggestionsIn(text, answer)
      if (first === undefined) setSaid(t.nothingFound(search))
      else apply([first])
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof Refused)) throw error
      setSaid(error.message)
    }
  }

  function press(event: KeyboardEvent): void {
    if (event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && options.length > 0) {
      event.preventDefault()
      setOpen(true)
      // Before the first and behind the last stands the field itself.
      const places = options.length + 1
      setActive(((active + 1 + step + places) % places) - 1)
    } else if (event.key === 'Escape' && text !== '') {
      event.preventDefault()
      if (isOpen) {
        setOpen(false)
        setActive(-1)
      } else type('')
    }
  }

  return (
    <search class="search">
      <form
        onSubmit={event => {
          event.preventDefault()
          submit()
        }}
      >
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label={t.search}
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen === undefined ? undefined : `${id}-${active}`}
          aria-describedby={`${id}-said`}
          aria-invalid={said !== '' || refused !== null}
          aria-keyshortcuts="/"
          aria-busy={isFetching && isAsked}
          placeholder={t.searchFor}
          value={text}
          maxLength={4_000}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          onInput={({ currentTarget }) => type(currentTarget.value)}
          onKeyDown={press}
          onFocus={() => setOpen(text !== '')}
          onBlur={() => setOpen(false)}
        />
        <button type="submit">{t.apply}</button>
      </form>
      <SuggestionList
        id={id}
        options={isOpen ? options : []}
        active={active}
        onChoose={option => apply([option])}
      />
      <p class="hidden" role="status">
        {open && settled !== '' && !isFetching && t.suggested(options.length)}
      </p>
      <p id={`${id}-said`} class="refused" role="alert">
        {said || refused}
      </p>
    </search>
  )
}

/** Of a field that `/` enters from wherever nothing is typed. */
function useSlash() {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      const { key, target, ctrlKey, metaKey, altKey } = event
      const typing =
        target instanceof HTMLElement && target.closest('input, select, textarea, dialog')
      if (key !== '/' || ctrlKey || metaKey || altKey || typing) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
  return input
}

/** The value once it has stayed the same for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), value === '' ? 0 : PAUSE)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
