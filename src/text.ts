// Text that can be kept: PostgreSQL knows no NUL, and half of a surrogate pair has no UTF-8, so that it would be kept,
// and found, as another text. Nothing with either is taken in, whichever the database.

export function isKeepable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
