// Wakes all who follow the log, whoever took events in.

export interface ArrivalWatch {
  /** See `LogReader.nextArrival`. */
  next(): Promise<void>
  /** After a commit of this process that added events. */
  came(): void
}

/** One for all who wait: `begin` begins to watch what others write with the first of them, and returns what ends it. */
export function watchArrivals(
  begin: (came: () => void) => () => unknown,
): ArrivalWatch & { end(): Promise<void> } {
  let waiting = Promise.withResolvers<void>()
  let end: (() => unknown) | undefined

  function came(): void {
    waiting.resolve()
    waiting = Promise.withResolvers()
  }

  return {
    next() {
      end ??= begin(came)
      return waiting.promise
    },
    came,
    async end() {
      await end?.()
      came()
    },
  }
}
