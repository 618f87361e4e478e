// The tenant. Nothing of one Organization may change any byte of an answer about another.

export interface Organization {
  readonly id: string
  /** Scaleway's logs do not tell it; `null` unless something else did. */
  readonly name: string | null
}
