// What text both databases can store, and how they sort it.

/** Whether both databases can store it: PostgreSQL rejects NUL, and a lone surrogate has no UTF-8 encoding. */
export function isKeepable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** Compares by code point, as both databases sort. */
export function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
