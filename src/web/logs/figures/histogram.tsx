// The number of events over time: bars over the range that is shown, and buttons for the most common periods and to
// zoom out again. It has the same height while loading, empty or filled.

import { useQueryClient } from '@tanstack/preact-query'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { FiguresDocument } from '../api/page-documents.ts'
import {
  barsOf,
  type Coverage,
  type Range,
  useCoverage,
  useFigures,
} from '../counted/use-figures.ts'
import { absolute } from '../dates.ts'
import { locale } from '../language.ts'
import { arrived } from '../parts/answers.ts'
import { Button, Sign } from '../parts/controls.tsx'
import { useOneStop } from '../parts/one-stop.ts'
import { words as common } from '../parts/parts.words.ts'
import { type Dates, isUntilNow, rangeText, untilNow } from '../parts/range-text.ts'
import { go, view } from '../view/page-address.ts'
import { SPANS, type Span } from '../view/view.ts'
import { Bars } from './bars.tsx'
import { words as t } from './figures.words.ts'
import './figures.css'

/** The minimum time between two counts while events arrive, in milliseconds. */
const AT_MOST_EVERY = 5_000

const PRESETS: readonly (Span | null)[] = ['1h', '24h', '7d', '30d', '90d', null]

export function Histogram() {
  const { figures, busy } = useFigures()
  const coverage = useCoverage()
  useCountedAgain(arrived.value)
  const all = figures?.counts.all
  const bars = useMemo(
    () => (figures === undefined ? [] : barsOf(figures.counts.all.byTime, figures.resolution)),
    [figures],
  )
  const wider = widerThan(view.value, figures?.range, coverage)
  return (
    <section class="histogram" aria-label={t.overTime} aria-busy={busy}>
      <div class="histogram-head row">
        <p role="status">
          <strong>{all === undefined ? '\u00a0' : common.events(all.total)}</strong>
          {all?.countedSince != null && (
            <span class="quiet"> {common.newestOnly(absolute(all.countedSince))}</span>
          )}
        </p>
        <Presets />
        <Button
          class="small"
          label={t.zoomOut}
          disabled={wider === null}
          onClick={() => wider !== null && go(wider)}
        >
          <Sign of="M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0M10.2 10.2 14 14M5 7h4" />
        </Button>
      </div>
      {figures === undefined || bars.length === 0 ? (
        <div class="plot" />
      ) : (
        <Bars {...figures} bars={bars} busy={busy} />
      )}
    </section>
  )
}

function Presets() {
  return (
    <fieldset class="presets line" aria-label={t.presets} {...useOneStop<HTMLFieldSetElement>()}>
      {PRESETS.map(span => (
        <Button
          key={span}
          class="small"
          title={rangeText(untilNow(span))}
          aria-pressed={isUntilNow(view.value, span)}
          onClick={() => go(untilNow(span))}
          text={span === null ? t.all : brief(span)}
        />
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

/** Three times as long, or the next longer preset, up to the whole archive; `null` if everything is shown. */
function widerThan(
  { last, createdAfter, createdBefore }: Dates,
  shown: Range | undefined,
  coverage: Pick<Coverage, 'earliest' | 'latest'> | undefined,
): Dates | null {
  if (last !== null) {
    const spans = Object.keys(SPANS) as Span[]
    return untilNow(spans[spans.indexOf(last) + 1] ?? null)
  }
  if (createdAfter === null && createdBefore === null) return null
  if (shown === undefined || coverage?.earliest == null || coverage.latest == null)
    return untilNow(null)
  const length = Math.max(shown.until - shown.from, 60_000)
  const from = shown.from - length
  const until = shown.until + length
  const begins = createdAfter === null || from <= Date.parse(coverage.earliest)
  const ends = createdBefore === null || until > Date.parse(coverage.latest)
  return {
    last: null,
    createdAfter: begins ? null : new Date(from).toISOString(),
    createdBefore: ends ? null : new Date(until).toISOString(),
  }
}

/** Counts again soon after the first arrival, and then at most every `AT_MOST_EVERY` to limit the server's load. */
function useCountedAgain(arrived: number): void {
  const queries = useQueryClient()
  const counted = useRef({ arrived, at: 0 })
  useEffect(() => {
    if (arrived === counted.current.arrived) return
    const wait = Math.max(0, counted.current.at + AT_MOST_EVERY - Date.now())
    const timer = setTimeout(() => {
      counted.current = { arrived, at: Date.now() }
      queries.invalidateQueries({ queryKey: [FiguresDocument] })
    }, wait)
    return () => clearTimeout(timer)
  }, [arrived, queries])
}
