// Notifies all waiting readers of new events, whichever process ingested them.

export interface ArrivalWatch {
  /** See `LogReader.nextArrival`. */
  next(): Promise<void>
  /** Must be called after a commit of this process that added events. */
  came(): void
}

/**
 * One watch for all waiting readers. The first `next` calls `begin`, which starts to watch for writes of other
 * processes and returns a function that stops it.
 */
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
