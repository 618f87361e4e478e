// Buttons for the most common periods.

import { useRef } from 'preact/hooks'
import { locale } from '../language.ts'
import { useOneStop } from '../parts/one-stop.ts'
import { isUntilNow, rangeText, untilNow } from '../parts/range-text.ts'
import { go, view } from '../view/page-address.ts'
import type { Span } from '../view/view.ts'
import { words } from './figures.words.ts'

const PRESETS: readonly (Span | null)[] = ['1h', '24h', '7d', '30d', '90d', null]

export function Presets() {
  const t = words()
  const box = useRef<HTMLFieldSetElement>(null)
  return (
    <fieldset ref={box} class="presets" aria-label={t.presets} {...useOneStop(box)}>
      {PRESETS.map(span => (
        <button
          key={span}
          type="button"
          title={rangeText(untilNow(span))}
          aria-pressed={isUntilNow(view.value, span)}
          onClick={() => go(untilNow(span))}
        >
          {span === null ? t.all : brief(span)}
        </button>
      ))}
    </fieldset>
  )
}

/** `7d`, or `7j` in French. */
function brief(span: Span): string {
  const unit = span.endsWith('h') ? 'hour' : 'day'
  const form = { style: 'unit', unit, unitDisplay: 'narrow' } as const
  return new Intl.NumberFormat(locale(), form).format(Number.parseInt(span, 10))
}
