// Which text both databases can store, how they sort it, and plural forms for messages.

/** Whether both databases can store it: PostgreSQL rejects NUL, and a lone surrogate has no UTF-8 encoding. */
export function isKeepable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** Compares by code point, as both databases sort. */
export function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** For example `1 list`, `2,000 policies`, `3 time ranges`. */
export function plural(count: number, word: string): string {
  if (count === 1) return `1 ${word}`
  const many = word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`
  return `${count.toLocaleString('en')} ${many}`
}
