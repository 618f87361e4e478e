// The period that is shown: one that ends now, or one between two dates in the page's time zone.

import { useState } from 'preact/hooks'
import { fieldText, instantOf, timeZone } from '../dates.ts'
import { Button } from '../parts/button.tsx'
import { closeAround, Dropdown } from '../parts/dropdown.tsx'
import { isUntilNow, rangeText, untilNow } from '../parts/range-text.ts'
import { filter, go, view } from '../view/page-address.ts'
import { SPANS, type Span } from '../view/view.ts'
import { words as t } from './filters.words.ts'

export function RangeMenu() {
  const { last, createdAfter, createdBefore, utc } = view.value
  const text = rangeText(view.value)
  return (
    <Dropdown class="range-menu" label={t.rangeIs(text)} summary={text}>
      <ul>
        {[...(Object.keys(SPANS) as Span[]), null].map(span => (
          <li key={span}>
            <Button
              data-closes
              aria-pressed={isUntilNow(view.value, span)}
              onClick={() => go(untilNow(span))}
            >
              {rangeText(untilNow(span))}
            </Button>
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
