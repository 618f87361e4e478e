// A progress bar on standard error, where it is a terminal; nothing at all elsewhere.

import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** How much is done, and how many events that were. */
  at(done: number, events: number): void
  end(): void
}

/** `total` in whatever unit `at` counts; `null` when nobody knows, as for standard input: then events are shown alone. */
export function progressBar(total: number | null, what: string): Progress {
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
    at: (done, count) =>
      bar.update(total === null ? 0 : Math.min(done, total), { events: events(count) }),
    end: () => bar.stop(),
  }
}
