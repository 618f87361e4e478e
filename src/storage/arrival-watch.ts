// Notifies all waiting readers of new events, whichever process ingested them.

export type ArrivalWatch = ReturnType<typeof watchArrivals>

/**
 * One watch for all waiting readers. The first `next` calls `begin`, which starts to watch for writes of other
 * processes and returns a function that stops it.
 */
export function watchArrivals(begin: (came: () => void) => () => unknown) {
  let waiting = Promise.withResolvers<void>()
  let end: (() => unknown) | undefined

  /** Must be called after a commit of this process that added events. */
  function came(): void {
    waiting.resolve()
    waiting = Promise.withResolvers()
  }

  return {
    /** See `LogReader.nextArrival`. */
    next(): Promise<void> {
      end ??= begin(came)
      return waiting.promise
    },
    came,
    async end(): Promise<void> {
      await end?.()
      came()
    },
  }
}
