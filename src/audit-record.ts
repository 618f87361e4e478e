// What the program tells of its own use, for those who watch over it: who was refused, who took events away, and whose
// rights were made or ended. No record holds a secret. What a client or a user wrote stands in it cut short; it is told
// before anyone is asked whether there is such a thing, so a record of what is hidden is like one of what is not there.

/** Told as it happens; must not throw, as the deed is done or refused whatever becomes of its record. */
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
  /** Nobody said who asks. */
  | 'no_token'
  /** Wrong, expired or revoked, or a JSON Web Token that is not valid. */
  | 'wrong_token'
  | 'too_many_wrong_tokens'
  /** The session of a browser is over, or was ended. */
  | 'session_ended'
  /** The identity provider said no, or what came from it does not belong to what the browser began. */
  | 'sign_in_failed'
  /** A person whom the identity provider vouches for, and nobody gave rights to. */
  | 'no_rights'
  /** A subscription or an export ended, as the token lost its rights or has others now. */
  | 'rights_changed'
  | 'unknown_host'
  | 'foreign_origin'
  | 'not_persisted'
  /** An export or a feed of an Organization that is hidden, or not there. */
  | 'hidden_organization'
  /** None of these; there is no such refusal by now. */
  | 'other'

/** Who asked over HTTP. */
export interface Asker {
  /** As in the log, and in the answer as X-Request-Id. */
  readonly requestId: string
  /** Of the connection; behind a proxy that is trusted, as that one tells it. */
  readonly address: string | null
  /** `null` before it is known, and for nobody. */
  readonly tokenId: string | null
  readonly tokenName: string | null
  /** Only of a person whom an identity provider vouches for. */
  readonly subject?: string
}

/** Who ran a command. */
export interface Operator {
  /** The user of the machine. */
  readonly user: string | null
  readonly command: string
}

interface AccessDenied extends Asker {
  readonly event: 'access_denied'
  readonly reason: DenialReason
  readonly method: string
  /** One of a few; see `PathClass`. */
  readonly path: string
  readonly status: number
  /** The host, the origin or the Organization that was named. */
  readonly asked: string | null
}

/** Whoever took it: `Asker` or `Operator`. One that began and never ended was cut off with its process. */
export type ExportRecord = (Asker | Operator) & {
  readonly event: 'export_began' | 'export_ended'
  readonly organizationId: string
  readonly format: string
  /** As it was asked for: texts by name. */
  readonly filter: Readonly<Record<string, readonly string[]>>
  readonly snapshot: string
  /** The event behind which it goes on; `null`: from the beginning. */
  readonly after: string | null
  /** A command's file; `null` for standard output, and over HTTP. */
  readonly output?: string | null
  /** Whether it went out whole. Only of one that ended. */
  readonly whole?: boolean
  /** How many events were read and taken, those of a part that was there before included. Only of one that ended. */
  readonly events?: number
}

export interface TokenChanged extends Operator {
  readonly event: 'token_created' | 'token_revoked'
  readonly tokenId: string
  readonly tokenName: string | null
  /** Rights by Organization, in words; of a token that is revoked, those it had. */
  readonly grants: readonly string[]
  readonly expiresAt: string | null
  /** The subject of JSON Web Tokens whose rights these are; only told when it is created. */
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
  /** One of the two. */
  readonly subject?: string
  readonly group?: string
  /** Rights by Organization, in words. */
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

/** Once it is done. */
export interface ViewChanged extends Asker {
  readonly event: 'view_saved' | 'view_changed' | 'view_deleted'
  readonly organizationId: string
  readonly viewId: string
  readonly name: string
  readonly pageQuery: string
  readonly shared: boolean
  /** Whether it was the asker's own. */
  readonly mine: boolean
}

const LONGEST = 256

/** A text that somebody wrote, as a record holds it. */
export function cutShort(text: string, longest = LONGEST): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
