/**
 * An identity provider does not answer, or with an invalid response. Without a `cause` where no request was sent, as one
 * failed a moment ago.
 */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable'
}
