// All filters in one place: the period, which ends now or lies between two dates in the page's time zone; the search;
// and each current condition as a chip, from whichever part of the page it was added.

import { useState } from 'preact/hooks'
import { useFigures } from '../counted/use-figures.ts'
import { fieldText, instantOf, timeZone } from '../dates.ts'
import { Button, Labelled } from '../parts/controls.tsx'
import { closeAround, Dropdown } from '../parts/dropdown.tsx'
import { isUntilNow, rangeText, untilNow } from '../parts/range-text.ts'
import { refusalOf } from '../parts/refusal.ts'
import { filter, go, refresh, view } from '../view/page-address.ts'
import { SPANS, type Span } from '../view/view.ts'
import { Conditions } from './condition-list.tsx'
import { words as t } from './filters.words.ts'
import { SearchBox } from './search-box.tsx'
import './filters.css'

export function FilterBar() {
  return (
    <section class="filter-bar" aria-label={t.filters}>
      <RangeMenu />
      <SearchBox refused={refusalOf(useFigures().error)} />
      <Button class="refresh" title={t.refresh} onClick={refresh}>
        <Labelled sign="M13.5 8a5.5 5.5 0 1 1-1.6-3.9L13.5 5.7M13.5 2v3.7H9.8" text={t.refresh} />
      </Button>
      <Conditions />
    </section>
  )
}

function RangeMenu() {
  const { last, createdAfter, createdBefore, utc } = view.value
  const text = rangeText(view.value)
  return (
    <Dropdown class="range-menu" label={t.rangeIs(text)} text={text}>
      <ul>
        {[...(Object.keys(SPANS) as Span[]), null].map(span => (
          <li key={span}>
            <Button
              class="item"
              data-closes
              aria-pressed={isUntilNow(view.value, span)}
              onClick={() => go(untilNow(span))}
              text={rangeText(untilNow(span))}
            />
          </li>
        ))}
      </ul>
      <Dates key={[last, createdAfter, createdBefore, utc].join()} />
    </Dropdown>
  )
}

function Dates() {
  const { createdAfter = null, createdBefore = null } = filter.value
  const [error, setError] = useState('')

  function apply(event: SubmitEvent): void {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const given = new FormData(form)
    const after = meant(given.get('from'), createdAfter)
    const before = meant(given.get('until'), createdBefore)
    if (after !== null && before !== null && Date.parse(after) >= Date.parse(before))
      setError(t.fromFirst)
    else {
      closeAround(form)
      go({ last: null, createdAfter: after, createdBefore: before })
    }
  }

  return (
    <form class="range-dates stack" onSubmit={apply}>
      <DateField name="from" label={t.from} date={createdAfter} />
      <DateField name="until" label={t.until} date={createdBefore} />
      <p class="quiet small">{t.inZone(timeZone())}</p>
      <p class="refused" role="alert">
        {error}
      </p>
      <button type="submit" class="primary">
        {t.applyRange}
      </button>
    </form>
  )
}

function DateField({ name, label, date }: { name: string; label: string; date: string | null }) {
  return (
    <label>
      {label}
      <input type="datetime-local" name={name} step={1} defaultValue={fieldText(date)} />
    </label>
  )
}

/** The field's instant; if the field was not changed, the previous one with its microseconds. */
function meant(text: FormDataEntryValue | null, before: string | null): string | null {
  const instant = instantOf(String(text))
  return before !== null && instant === instantOf(fieldText(before)) ? before : instant
}
