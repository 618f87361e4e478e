// Text that both databases can store: PostgreSQL refuses NUL, and a lone surrogate has no UTF-8, so another text would be
// stored. Neither is accepted, whatever the database.

export function isKeepable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
