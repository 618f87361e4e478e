// Sessions of browsers: a secret in a cookie, by which any process finds who signed in. From time to time the issuer is
// asked whether it still vouches for them, so that who left, or left a group, is noticed.

import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { UserError } from '../errors.ts'
import { type Instant, MICROSECONDS_PER_SECOND } from '../instant.ts'
import type { Clock, SessionStore } from '../store.ts'
import type { KeptSession, Person } from '../viewer.ts'
import type { Issuer, SignedIn } from './issuer.ts'
import { IssuerUnavailable } from './issuer-unavailable.ts'
import { hashSecret } from './tokens.ts'

export interface Sessions {
  /** The secret of a new one. */
  begin(signedIn: SignedIn): Promise<string>
  /** Refuses where it has ended; rejects with `IssuerUnavailable` where the issuer must be asked and does not answer. */
  personOf(secret: string): Promise<Person>
  /** Who it was; `null` where there was none. `idToken`: for the issuer, to end its own session. */
  end(secret: string): Promise<{ person: Person; idToken: string | null } | null>
}

/** The issuer is asked no less often, whatever it says. */
const CHECK_EVERY = 300 * MICROSECONDS_PER_SECOND

/** How long one process alone asks the issuer about a session, in microseconds. */
const LEASE = 15 * MICROSECONDS_PER_SECOND

/** How long other processes wait for its answer, and how often they look for it, in milliseconds. */
const PATIENCE = 3_000
const LOOK_EVERY = 100

/** `lasts`: no session is longer, in microseconds. */
export function createSessions(
  store: SessionStore,
  issuer: Issuer,
  lasts: Instant,
  clock: Clock,
): Sessions {
  const isOver = (session: KeptSession | null): session is null =>
    session === null || session.expiresAt <= clock()

  async function renew(secret: string, session: KeptSession): Promise<Person> {
    const { idToken, refreshToken } = await opened(secret, session)
    if (refreshToken === null) throw ended()
    try {
      const signedIn = await issuer.renew(session.person, refreshToken)
      // An issuer that gives no new ones goes on with the old.
      const tokens = {
        idToken: signedIn.idToken ?? idToken,
        refreshToken: signedIn.refreshToken ?? refreshToken,
      }
      await store.update({
        ...session,
        ...(await kept(secret, { ...signedIn, ...tokens })),
        ...held(signedIn, clock()),
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
    async begin(signedIn) {
      const secret = randomBytes(32).toString('base64url')
      const now = clock()
      const { refreshToken, validUntil } = signedIn
      const longest = now + lasts
      const expiresAt = refreshToken === null ? Math.min(longest, validUntil) : longest
      const session = { hash: hashSecret(secret), ...(await kept(secret, signedIn)), expiresAt }
      const ends = { validUntil, checkAt: expiresAt }
      const until = refreshToken === null ? ends : held(signedIn, now)
      await store.create({ ...session, ...until }, now)
      return secret
    },

    async personOf(secret) {
      const patience = performance.now() + PATIENCE
      for (;;) {
        const session = await store.find(hashSecret(secret))
        if (isOver(session)) throw ended()
        const { checkAt, validUntil, person } = session
        if (checkAt <= clock()) {
          if (await store.claim(session, clock() + LEASE)) return renew(secret, session)
        } else if (validUntil === 0) throw new IssuerUnavailable('it did not answer a moment ago')
        if (validUntil > clock()) return person
        // Another process asks the issuer.
        if (performance.now() > patience) throw new IssuerUnavailable('it takes long to answer')
        await sleep(LOOK_EVERY)
      }
    },

    async end(secret) {
      const session = await store.find(hashSecret(secret))
      if (session === null) return null
      await store.end(session.hash)
      const { idToken } = await opened(secret, session)
      return { person: session.person, idToken }
    },
  }
}

interface Tokens {
  readonly idToken: string | null
  readonly refreshToken: string | null
}

/** The issuer's answer is valid for at least one lease, even where its clock differs from ours. */
function held({ validUntil }: SignedIn, now: Instant) {
  const until = Math.max(validUntil, now + LEASE)
  return { validUntil: until, checkAt: Math.min(now + CHECK_EVERY, until) }
}

async function kept(secret: string, { person, idToken, refreshToken }: SignedIn) {
  const text = JSON.stringify({ idToken, refreshToken } satisfies Tokens)
  const tokens = await new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(keyFrom(secret))
  return { person, tokens }
}

async function opened(secret: string, { tokens }: KeptSession): Promise<Tokens> {
  const { plaintext } = await compactDecrypt(tokens, keyFrom(secret))
  return JSON.parse(new TextDecoder().decode(plaintext))
}

/** Not what the session is found by. */
function keyFrom(secret: string): Uint8Array {
  return createHash('sha256').update(`tokens of a session\0${secret}`).digest()
}

function ended(): UserError {
  return new UserError('UNAUTHENTICATED', 'your session has ended; sign in again')
}
