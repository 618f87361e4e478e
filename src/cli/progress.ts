// How commands report progress, and many similar lines. A progress bar is on standard error, only on a terminal.

import { Presets, SingleBar } from 'cli-progress'
import type { Appended } from '../store.ts'
import { plural } from '../text.ts'

export type Progress = ReturnType<typeof progressBar>

/** `total` has the unit of `at`; `null` if unknown, as for standard input: then only the number of events is shown. */
export function progressBar(total: number | null, what: string) {
  const events = (count: number) => count.toLocaleString('en')
  const bar = new SingleBar(
    {
      stream: process.stderr,
      noTTYOutput: false,
      hideCursor: true,
      clearOnComplete: true,
      fps: 5,
      format:
        total === null
          ? `${what}: {events} events, {duration_formatted}`
          : `${what} {bar} {percentage}% | {events} events | {eta_formatted} left`,
    },
    Presets.shades_classic,
  )
  bar.start(total ?? 0, 0, { events: '0' })
  return {
    /** The amount done, the number of events so far, and the total if it has changed. */
    at(done: number, count: number, newTotal?: number): void {
      if (newTotal !== undefined) bar.setTotal(newTotal)
      bar.update(total === null ? 0 : Math.min(done, bar.getTotal()), { events: events(count) })
    },
    end: () => bar.stop(),
  }
}

/** For example `2 new events, 1 already here, 5 older than what is kept`. */
export function appendedText({ added, known, expired }: Appended, what = 'new event'): string {
  const old = expired === 0 ? '' : `, ${expired.toLocaleString('en')} older than what is kept`
  return `${plural(added, what)}, ${known.toLocaleString('en')} already here${old}`
}

const MOST_LINES = 100

/** Writes the first hundred lines; further ones are only counted. */
export function firstLines(write: (line: string) => void, what: string) {
  let count = 0
  return {
    add(line: string): void {
      if (++count <= MOST_LINES) write(line)
    },
    end(): void {
      if (count > MOST_LINES) {
        write(`the first ${MOST_LINES} of ${count} ${what} are shown above`)
      }
    },
  }
}
