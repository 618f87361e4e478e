// One box for an address, an ID or a client: it says how it takes what is typed, and lets the viewer say otherwise.

import { useState } from 'preact/hooks'
import { go, view } from '../view/address.ts'
import { words } from './filters.words.ts'
import { asCondition, MEANINGS, type Meaning, meaningOf } from './search.ts'

/** `refused`: why the server does not take what is filtered by, in its words. */
export function SearchBox({ refused }: { refused: string | null }) {
  const t = words()
  const [typed, setTyped] = useState('')
  const [said, setSaid] = useState<Meaning | null>(null)
  const meaning = said ?? meaningOf(typed)

  function apply(event: SubmitEvent): void {
    event.preventDefault()
    if (typed.trim() === '') return
    go(asCondition(typed, meaning, view.value))
    setTyped('')
    setSaid(null)
  }

  return (
    <search class="search">
      <form onSubmit={apply}>
        <input
          type="search"
          aria-label={t.search}
          aria-describedby="search-said"
          aria-invalid={refused !== null}
          placeholder={t.searchFor}
          value={typed}
          maxLength={4_000}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value)
            if (currentTarget.value === '') setSaid(null)
          }}
        />
        <label>
          <span class="quiet">{t.as}</span>
          <select
            aria-label={t.searchAs}
            value={meaning}
            onChange={({ currentTarget }) => setSaid(currentTarget.value as Meaning)}
          >
            {MEANINGS.map(name => (
              <option key={name} value={name}>
                {t.meanings[name]}
              </option>
            ))}
          </select>
        </label>
        <button type="submit">{t.apply}</button>
      </form>
      <p id="search-said" class="refused" role="alert">
        {refused}
      </p>
    </search>
  )
}
