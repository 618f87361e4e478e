// The stretches of time that people ask for most, one click away.

import { useRef } from 'preact/hooks'
import { useOneStop } from '../parts/one-stop.ts'
import { go, view } from '../view/address.ts'
import type { Span } from '../view/view.ts'
import { words } from './figures.words.ts'

const PRESETS: readonly (Span | null)[] = ['1h', '24h', '7d', '30d', '90d', null]

export function Presets() {
  const t = words()
  const box = useRef<HTMLFieldSetElement>(null)
  const { last, createdAfter, createdBefore } = view.value
  const dated = createdAfter !== null || createdBefore !== null
  return (
    <fieldset ref={box} class="presets" aria-label={t.presets} {...useOneStop(box)}>
      {PRESETS.map(span => {
        const [short, long] = span === null ? t.allTime : t.spans[span]
        return (
          <button
            key={short}
            type="button"
            title={long}
            aria-pressed={last === span && (last !== null || !dated)}
            onClick={() => go({ last: span, createdAfter: null, createdBefore: null })}
          >
            {short}
          </button>
        )
      })}
    </fieldset>
  )
}
