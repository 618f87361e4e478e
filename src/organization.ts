// The tenant. Data of one Organization must not change any byte of a response about another.

export interface Organization {
  readonly id: string
  /** Scaleway's logs do not contain it; `null` unless it was set. */
  readonly name: string | null
}
