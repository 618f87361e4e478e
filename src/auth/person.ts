// A person identified by the claims of an identity provider, and their rights, which are stored here by subject and
// group: no other claim adds rights.

import { createHash } from 'node:crypto'
import { quoted, UserError } from '../errors.ts'
import type { Instant } from '../instant.ts'
import type { AuditStore } from '../store.ts'
import { isKeepable } from '../text.ts'
import { addedUp, type Membership, type Person, type Viewer } from '../viewer.ts'
import { hashSubject, isExpired, issuerName } from './tokens.ts'

const LONGEST_SUBJECT = 256
const LONGEST_NAME = 255

/** Entra ID sends at most 200. */
const MOST_GROUPS = 1_000

type Claims = Readonly<Record<string, unknown>>

/** `null` without a valid subject. */
export function personFrom(claims: Claims, issuer: string, groupsClaim: string): Person | null {
  const { sub, name, preferred_username: userName, email } = claims
  if (!isName(sub)) return null
  const given = claims[groupsClaim]
  const groups = (Array.isArray(given) ? given : [given]).filter(isName)
  if (groups.length > MOST_GROUPS) {
    throw new UserError(
      'LIMIT_EXCEEDED',
      `the identity provider returned ${groups.length} groups, more than ${MOST_GROUPS}; configure it to return only groups that have rights here`,
    )
  }
  const shown = [name, userName, email].find(isName) ?? null
  return {
    issuer,
    subject: sub,
    name: shown?.slice(0, LONGEST_NAME) ?? null,
    groups,
  }
}

function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= LONGEST_SUBJECT &&
    isKeepable(value)
  )
}

/** With the rights by grants, and by a token for the subject. Refuses a person without any rights. */
export async function viewerOf(
  person: Person,
  { access, tokens }: Pick<AuditStore, 'access' | 'tokens'>,
  now: Instant,
): Promise<Viewer> {
  const issuer = issuerName(person.issuer)
  const hash = hashSubject(person.issuer, person.subject)
  const account = Buffer.from(hash).toString('hex')
  const token = await tokens.find(hash)
  const isValid = token !== null && !isExpired(token, now)
  const granted: Membership[] = await access.membershipsOf({ ...person, issuer })
  const memberships = addedUp([...granted, ...(isValid ? token.viewer.memberships : [])])
  if (memberships.length === 0) throw noRights(person)
  return {
    id: isValid ? token.viewer.id : idOf(account),
    name: person.name ?? (isValid ? token.viewer.name : null) ?? person.subject,
    account,
    memberships,
    subject: person.subject,
  }
}

/** A UUID that stays the same for a person. */
function idOf(account: string): string {
  const hex = createHash('sha256').update(account).digest('hex')
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5')
}

function noRights({ subject }: Person): UserError {
  return new UserError(
    'FORBIDDEN',
    `${quoted(subject)} has no rights here; an operator can grant some with: iam-logs access grant --subject ${quoted(subject)}`,
  )
}
