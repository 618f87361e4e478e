// The number of events over time: bars over the range that is shown, and the buttons to zoom out again. It has the same
// height while loading, empty or filled.

import { useQueryClient } from '@tanstack/preact-query'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { EventFilter } from '../api/page-documents.ts'
import { barsOf } from '../counted/range.ts'
import { useCoverage } from '../counted/use-coverage.ts'
import { FIGURES, useFigures } from '../counted/use-figures.ts'
import { absolute } from '../dates.ts'
import { words as common } from '../parts/parts.words.ts'
import { Sign } from '../parts/sign.tsx'
import { go, view } from '../view/page-address.ts'
import { Bars } from './bars.tsx'
import { words } from './figures.words.ts'
import { Presets } from './presets.tsx'
import { widerThan } from './zoom.ts'
import './figures.css'

/** The minimum time between two counts while events arrive, in milliseconds. */
const AT_MOST_EVERY = 5_000

/** `arrived`: the number of events that arrived live. When it changes, the counts are loaded again. */
export function Histogram({
  organizationId,
  filter,
  arrived = 0,
}: {
  organizationId: string
  filter: EventFilter
  arrived?: number
}) {
  const t = words()
  const { events, newestOnly } = common()
  const { figures, busy } = useFigures(organizationId, filter)
  const coverage = useCoverage(organizationId)
  useCountedAgain(arrived)
  const all = figures?.counts.all
  const bars = useMemo(
    () => (figures === undefined ? [] : barsOf(figures.counts.all.byTime, figures.resolution)),
    [figures],
  )
  const { last, createdAfter, createdBefore } = view.value
  const wider = widerThan({ last, createdAfter, createdBefore }, figures?.range, coverage)
  return (
    <section class="histogram" aria-label={t.overTime} aria-busy={busy}>
      <div class="histogram-head">
        <p role="status">
          <strong>{all === undefined ? '\u00a0' : events(all.total)}</strong>
          {all?.countedSince != null && (
            <span class="quiet"> {newestOnly(absolute(all.countedSince))}</span>
          )}
        </p>
        <Presets />
        <button
          type="button"
          class="zoom-out"
          aria-label={t.zoomOut}
          title={t.zoomOut}
          disabled={wider === null}
          onClick={() => wider !== null && go(wider)}
        >
          <Sign of="M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0M10.2 10.2 14 14M5 7h4" />
        </button>
      </div>
      {figures === undefined || bars.length === 0 ? (
        <div class="plot none" />
      ) : (
        <Bars
          bars={bars}
          range={figures.range}
          resolution={figures.resolution}
          filter={filter}
          busy={busy}
        />
      )}
    </section>
  )
}

/** Counts soon after the first arrival, and then at most every `AT_MOST_EVERY` to limit the server's load. */
function useCountedAgain(arrived: number): void {
  const queries = useQueryClient()
  const counted = useRef({ arrived, at: 0 })
  useEffect(() => {
    if (arrived === counted.current.arrived) return
    const wait = Math.max(0, counted.current.at + AT_MOST_EVERY - Date.now())
    const timer = setTimeout(() => {
      counted.current = { arrived, at: Date.now() }
      queries.invalidateQueries({ queryKey: [FIGURES] })
    }, wait)
    return () => clearTimeout(timer)
  }, [arrived, queries])
}
