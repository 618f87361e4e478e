/**
 * An identity provider does not answer, or answers nonsense. With a `cause` where it was asked just now, without one where
 * it is not asked again so soon.
 */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable'
}
