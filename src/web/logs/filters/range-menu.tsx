// Which stretch of time is shown: one that ends now, or one between two dates, as clocks show them in the page's zone.

import { useState } from 'preact/hooks'
import { timeZone } from '../dates.ts'
import { Dropdown } from '../parts/dropdown.tsx'
import { asOf, go, view } from '../view/address.ts'
import { filterOf, SPANS, type Span } from '../view/view.ts'
import { fieldText, instantOf } from '../wall-clock.ts'
import { words } from './filters.words.ts'
import { rangeText } from './range-text.ts'

export function RangeMenu() {
  const t = words()
  const { last, createdAfter, createdBefore, utc } = view.value
  const all = last === null && createdAfter === null && createdBefore === null
  const text = rangeText(view.value)
  return (
    <Dropdown class="range-menu" label={t.rangeIs(text)} summary={text}>
      {close => (
        <>
          <ul>
            {(Object.keys(SPANS) as Span[]).map(span => (
              <li key={span}>
                <button
                  type="button"
                  aria-pressed={last === span}
                  onClick={() => {
                    close()
                    go({ last: span, createdAfter: null, createdBefore: null })
                  }}
                >
                  {t.spans[span]}
                </button>
              </li>
            ))}
            <li>
              <button
                type="button"
                aria-pressed={all}
                onClick={() => {
                  close()
                  go({ last: null, createdAfter: null, createdBefore: null })
                }}
              >
                {t.allTime}
              </button>
            </li>
          </ul>
          <Dates
            key={[last, createdAfter, createdBefore, utc].join()}
            onApply={(createdAfter, createdBefore) => {
              close()
              go({ last: null, createdAfter, createdBefore })
            }}
          />
        </>
      )}
    </Dropdown>
  )
}

function Dates({ onApply }: { onApply: (from: string | null, until: string | null) => void }) {
  const t = words()
  const { createdAfter = null, createdBefore = null } = filterOf(view.value, asOf.value)
  const [from, setFrom] = useState(fieldText(createdAfter))
  const [until, setUntil] = useState(fieldText(createdBefore))
  const [said, setSaid] = useState('')

  function apply(event: SubmitEvent): void {
    event.preventDefault()
    const [after, before] = [meant(from, createdAfter), meant(until, createdBefore)]
    if (after !== null && before !== null && Date.parse(after) >= Date.parse(before))
      setSaid(t.fromFirst)
    else onApply(after, before)
  }

  return (
    <form class="range-dates" onSubmit={apply}>
      <label>
        {t.from}
        <input
          type="datetime-local"
          step={1}
          value={from}
          onInput={({ currentTarget }) => setFrom(currentTarget.value)}
        />
      </label>
      <label>
        {t.until}
        <input
          type="datetime-local"
          step={1}
          value={until}
          onInput={({ currentTarget }) => setUntil(currentTarget.value)}
        />
      </label>
      <p class="quiet">{t.inZone(timeZone())}</p>
      <p class="refused" role="alert">
        {said}
      </p>
      <button type="submit" class="primary">
        {t.applyRange}
      </button>
    </form>
  )
}

/** What the field says, and what it said before to the microsecond where it says the same. */
function meant(text: string, before: string | null | undefined): string | null {
  const instant = instantOf(text)
  return before != null && instant === instantOf(fieldText(before)) ? before : instant
}
