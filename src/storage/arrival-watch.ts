// Notifies everyone who waits for new events, whichever process ingested them.

export interface ArrivalWatch {
  /** See `LogReader.nextArrival`. */
  next(): Promise<void>
  /** To be called after a commit of this process that added events. */
  came(): void
}

/**
 * One watch for all waiters. The first `next` calls `begin`, which starts to watch for writes of others and returns a
 * function that stops it.
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
