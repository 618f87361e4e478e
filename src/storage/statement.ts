// A hook for every SQL statement, for tests, metrics and tracing.

/**
 * Called before each statement with its text, which contains no values, and the values bound to it. If it returns a
 * function, that is called when the statement has ended, successfully or not.
 */
export type StatementHook = (text: string, values: readonly unknown[]) => unknown

/** Runs a statement and calls the hook. */
export async function watched<T>(
  hook: StatementHook,
  text: string,
  values: readonly unknown[],
  run: () => T | Promise<T>,
): Promise<T> {
  const ended = hook(text, values)
  try {
    return await run()
  } finally {
    if (typeof ended === 'function') ended()
  }
}
