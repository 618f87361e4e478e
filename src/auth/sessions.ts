// Sessions of browsers: a secret in a cookie, with which any process finds the signed-in person. The issuer's tokens
// are refreshed at intervals, so that the session ends when the person leaves, and changes when they leave a group.

import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { UserError } from '../errors.ts'
import { type Instant, MICROSECONDS_PER_SECOND } from '../instant.ts'
import type { Clock, SessionStore } from '../store.ts'
import type { KeptSession, Person } from '../viewer.ts'
import { IssuerUnavailable } from './identity-provider.ts'
import type { Issuer, SignedIn } from './issuer.ts'
import { hashSecret } from './tokens.ts'

export type Sessions = ReturnType<typeof createSessions>

/** The longest interval between two refreshes, whatever the expiry of the tokens. */
const CHECK_INTERVAL = 300 * MICROSECONDS_PER_SECOND

/** Microseconds for which only one process may refresh a session. */
const LEASE = 15 * MICROSECONDS_PER_SECOND

/** Milliseconds that other processes wait for the refresh, and between two checks. */
const PATIENCE = 3_000
const POLL_INTERVAL = 100

/** `lasts`: the longest session, in microseconds. */
export function createSessions(store: SessionStore, issuer: Issuer, lasts: Instant, clock: Clock) {
  const isOver = (session: KeptSession | null): session is null =>
    session === null || session.expiresAt <= clock()

  async function renew(secret: string, session: KeptSession): Promise<Person> {
    const { idToken, refreshToken } = await decrypted(secret, session)
    if (refreshToken === null) throw ended()
    try {
      const signedIn = await issuer.renew(session.person, refreshToken)
      // If the issuer returns no new tokens, the old ones remain valid.
      const tokens = {
        idToken: signedIn.idToken ?? idToken,
        refreshToken: signedIn.refreshToken ?? refreshToken,
      }
      await store.update({
        ...session,
        ...(await encrypted(secret, { ...signedIn, ...tokens })),
        ...renewalTimes(signedIn, clock()),
      })
      return signedIn.person
    } catch (error) {
      if (error instanceof UserError) {
        await store.end(session.hash)
        throw ended()
      }
      if (session.validUntil > clock()) return session.person
      await store.update({ ...session, checkAt: clock() + LEASE, validUntil: 0 })
      throw error
    }
  }

  return {
    /** Returns the secret. */
    async begin(signedIn: SignedIn): Promise<string> {
      const secret = randomBytes(32).toString('base64url')
      const now = clock()
      const { refreshToken, validUntil } = signedIn
      const longest = now + lasts
      const expiresAt = refreshToken === null ? Math.min(longest, validUntil) : longest
      const ends = { validUntil, checkAt: expiresAt }
      const times = refreshToken === null ? ends : renewalTimes(signedIn, now)
      const kept = await encrypted(secret, signedIn)
      await store.create({ hash: hashSecret(secret), ...kept, expiresAt, ...times }, now)
      return secret
    },

    /**
     * Refuses an ended session; rejects with `IssuerUnavailable` if it must be refreshed and the issuer does not
     * respond.
     */
    async personOf(secret: string): Promise<Person> {
      const patience = performance.now() + PATIENCE
      for (;;) {
        const session = await store.find(hashSecret(secret))
        if (isOver(session)) throw ended()
        const { checkAt, validUntil, person } = session
        if (checkAt <= clock()) {
          if (await store.claim(session, clock() + LEASE)) return renew(secret, session)
        } else if (validUntil === 0)
          throw new IssuerUnavailable('the identity provider did not respond a moment ago')
        if (validUntil > clock()) return person
        // Another process is refreshing it.
        if (performance.now() > patience)
          throw new IssuerUnavailable('the identity provider did not respond in time')
        await sleep(POLL_INTERVAL)
      }
    },

    /** `null` if there was no session. `idToken`: for ending the session at the issuer. */
    async end(secret: string): Promise<{ person: Person; idToken: string | null } | null> {
      const session = await store.find(hashSecret(secret))
      if (session === null) return null
      await store.end(session.hash)
      const { idToken } = await decrypted(secret, session)
      return { person: session.person, idToken }
    },
  }
}

type Tokens = Pick<SignedIn, 'idToken' | 'refreshToken'>

/** The tokens count as valid for at least one lease, even if the issuer's clock differs from ours. */
function renewalTimes({ validUntil }: SignedIn, now: Instant) {
  const until = Math.max(validUntil, now + LEASE)
  return { validUntil: until, checkAt: Math.min(now + CHECK_INTERVAL, until) }
}

async function encrypted(secret: string, { person, idToken, refreshToken }: SignedIn) {
  const text = JSON.stringify({ idToken, refreshToken } satisfies Tokens)
  const tokens = await new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(keyFrom(secret))
  return { person, tokens }
}

async function decrypted(secret: string, { tokens }: KeptSession): Promise<Tokens> {
  const { plaintext } = await compactDecrypt(tokens, keyFrom(secret))
  return JSON.parse(new TextDecoder().decode(plaintext))
}

/** Different from the hash by which the session is found. */
function keyFrom(secret: string): Uint8Array {
  return createHash('sha256').update(`tokens of a session\0${secret}`).digest()
}

function ended(): UserError {
  return new UserError('UNAUTHENTICATED', 'your session has ended; sign in again')
}
