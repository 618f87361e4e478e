// For who wants to know of every statement that a database is asked: tests, counting, tracing.

/**
 * Called before each statement with its text, which holds no values, and with the values bound to it. A function it
 * returns is called when the statement has ended, however it ended.
 */
export type StatementHook = (text: string, values: readonly unknown[]) => unknown

/** Runs a statement so that the hook sees it. */
export function watched<T>(
  hook: StatementHook,
  text: string,
  values: readonly unknown[],
  run: () => T,
): T {
  const ended = hook(text, values)
  if (typeof ended !== 'function') return run()
  let result: T
  try {
    result = run()
  } catch (error) {
    ended()
    throw error
  }
  if (result instanceof Promise) {
    result.then(
      () => ended(),
      () => ended(),
    )
  } else {
    ended()
  }
  return result
}
