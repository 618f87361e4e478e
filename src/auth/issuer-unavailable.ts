/**
 * An identity provider does not respond, or its response is invalid. Has no `cause` if no request was sent, because one
 * failed shortly before.
 */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable'
}
