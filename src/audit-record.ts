// Audit records of the use of this program: denied access, exports, and changes of rights. They contain no secrets,
// and texts from clients and users are shortened. Records are written before any lookup, so a record about something
// hidden is like one about something that does not exist.

/** Must not throw: whether a record can be written does not affect the action. */
export type Audit = (record: AuditRecord) => void

export type AuditRecord =
  | AccessDenied
  | ExportRecord
  | SignedInOrOut
  | TokenChanged
  | AccessChanged
  | EventsDropped
  | OrganizationNamed
  | BackupMade
  | ViewChanged

export type DenialReason =
  | 'no_token'
  /** Wrong, expired or revoked, or an invalid JSON Web Token. */
  | 'wrong_token'
  | 'too_many_wrong_tokens'
  /** The browser's session has expired or was ended. */
  | 'session_ended'
  /** The identity provider denied it, or the callback does not belong to this browser's attempt. */
  | 'sign_in_failed'
  /** A person who has signed in, but has no grant. */
  | 'no_rights'
  /** A subscription or an export was ended because the viewer's rights have changed. */
  | 'rights_changed'
  | 'unknown_host'
  | 'foreign_origin'
  | 'not_persisted'
  /** An export or a feed of an Organization that is hidden or does not exist. */
  | 'hidden_organization'

/** The client of an HTTP request. */
export interface Asker {
  /** The same as in the log and in the response header X-Request-Id. */
  readonly requestId: string
  /** The address of the connection, or the one that a trusted proxy states. */
  readonly address: string | null
  /** `null` without authentication. */
  readonly tokenId: string | null
  readonly tokenName: string | null
  /** Only for a person who signed in with an identity provider, or whose token it issued. */
  readonly subject?: string
}

/** The user who ran a command. */
export interface Operator {
  readonly user: string | null
  readonly command: string
}

interface AccessDenied extends Asker {
  readonly event: 'access_denied'
  readonly reason: DenialReason
  readonly method: string
  /** One of a fixed set; see `PathClass`. */
  readonly path: string
  readonly status: number
  /** The host, origin or Organization in the request. */
  readonly requested: string | null
}

/** If there is no `export_ended`, the process stopped during the export. */
export type ExportRecord = (Asker | Operator) & {
  readonly event: 'export_began' | 'export_ended'
  readonly organizationId: string
  readonly format: string
  /** The values of the filter, by name. */
  readonly filter: Readonly<Record<string, readonly string[]>>
  readonly snapshot: string
  /** The event after which it continues; `null`: from the beginning. */
  readonly after: string | null
  /** The file of a command; `null` for standard output and over HTTP. */
  readonly output?: string | null
  /** Whether it was complete. Only in `export_ended`. */
  readonly complete?: boolean
  /** The number of events, including those of a resumed part. Only in `export_ended`. */
  readonly events?: number
}

export interface TokenChanged extends Operator {
  readonly event: 'token_created' | 'token_revoked'
  readonly tokenId: string
  readonly tokenName: string | null
  /** Rights by Organization, as text; for a revoked token, the rights that it had. */
  readonly grants: readonly string[]
  readonly expiresAt: string | null
  /** The subject of JSON Web Tokens; only in `token_created`. */
  readonly subject?: string
}

export interface SignedInOrOut extends Pick<Asker, 'requestId' | 'address'> {
  readonly event: 'signed_in' | 'signed_out'
  readonly issuer: string
  readonly subject: string
  readonly name: string | null
}

export interface AccessChanged extends Operator {
  readonly event: 'access_granted' | 'access_revoked'
  readonly grantId: string
  readonly issuer: string
  /** Either `subject` or `group` is set. */
  readonly subject?: string
  readonly group?: string
  /** Rights by Organization, as text. */
  readonly grants: readonly string[]
}

interface EventsDropped extends Operator {
  readonly event: 'events_dropped'
  readonly before: string
  readonly events: number
}

interface OrganizationNamed extends Operator {
  readonly event: 'organization_named'
  readonly organizationId: string
  /** `null`: its name was removed. */
  readonly organizationName: string | null
}

interface BackupMade extends Operator {
  readonly event: 'backup_made'
  readonly output: string
}

export interface ViewChanged extends Asker {
  readonly event: 'view_saved' | 'view_changed' | 'view_deleted'
  readonly organizationId: string
  readonly viewId: string
  readonly name: string
  readonly pageQuery: string
  readonly shared: boolean
  /** Whether it was the viewer's own. */
  readonly mine: boolean
}

const LONGEST = 256

/** A text of a client or user, shortened for a record. */
export function cutShort(text: string, longest = LONGEST): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
