// The tenant. Nothing of one Organization may change any byte of an answer about another.

export interface Organization {
  readonly id: string
  /** Not in Scaleway's logs; `null` unless it was set. */
  readonly name: string | null
}
