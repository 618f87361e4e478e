// How complete and how recent the archive is, in one line: a viewer who sees no events must know whether there were
// none.

import { type Coverage, useCoverage } from '../counted/use-figures.ts'
import { absolute, ago, clock, day } from '../dates.ts'
import { Hint } from '../parts/controls.tsx'
import { words as t } from './figures.words.ts'
import './figures.css'

const MINUTE = 60_000

/** Dates within this many milliseconds of now are shown as elapsed time. */
const NEAR = 24 * 3_600_000

export function CoverageLine() {
  const coverage = useCoverage(MINUTE)
  return (
    <section
      class="coverage-line row quiet small"
      aria-label={t.coverage}
      aria-busy={coverage === undefined}
    >
      {coverage !== undefined && <Sentence {...coverage} />}
    </section>
  )
}

function Sentence({ earliest, latest, lastSyncedAt, completeUntil, gaps, stale }: Coverage) {
  const held = earliest === null || latest === null ? t.noEventsYet : heldBetween(earliest, latest)
  if (lastSyncedAt === null)
    return (
      <span>{`${held}${t.semicolon} ${earliest === null ? t.neverReadYet : t.neverRead}.`}</span>
    )
  const complete = completeUntil === null ? t.notComplete : t.completeUntil(absolute(completeUntil))
  return (
    <>
      <span>{`${held}${t.semicolon} ${complete}${t.semicolon}`}</span>
      {gaps.length > 0 && (
        <Hint class="plain link" text={t.gaps(gaps.length)}>
          {gaps.map(gapText).join('\n')}
        </Hint>
      )}
      <span class={stale ? 'stale warning' : undefined} title={absolute(lastSyncedAt)}>
        {stale ? t.staleSince(ago(lastSyncedAt)) : t.lastRead(ago(lastSyncedAt))}.
      </span>
    </>
  )
}

function gapText({ from, until }: Coverage['gaps'][number]): string {
  return from === null ? t.gapBefore(absolute(until)) : t.gap(absolute(from), absolute(until))
}

function heldBetween(earliest: string, latest: string): string {
  const isNear = clock.value - Date.parse(latest) < NEAR
  return isNear
    ? t.fromUntilAgo(day(earliest), ago(latest))
    : t.fromTo(day(earliest), absolute(latest))
}
