// Text as both databases store and sort it.

/** Whether both can: PostgreSQL refuses NUL, and a lone surrogate has no UTF-8, so another text would be stored. */
export function isKeepable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** For sorting, by code point, as both databases do. */
export function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
