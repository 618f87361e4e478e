// Access tokens at rest: what is in the database of a secret, and what is not.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { authenticate } from '../src/auth/authenticate.ts'
import { newToken } from '../src/auth/tokens.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { run, temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'

const GIVEN = {
  name: 'collector',
  grants: [{ organizationId: ORGANIZATION, owner: false, permissionSets: ['IAMReadOnly'] }],
  expiresAt: null,
}

describe('a secret', () => {
  test('begins with ilg_, by which scanners know it, and is 256 random bits', () => {
    const secrets = Array.from({ length: 1000 }, () => newToken(GIVEN, 0).secret)
    for (const secret of secrets) expect(secret).toMatch(/^ilg_[\w-]{43}$/)
    expect(new Set(secrets).size).toBe(1000)
  })

  test('is in no file of the database, in no spelling; its hash is', async () => {
    using folder = temporaryFolder()
    const store = await openStore(join(folder.path, 'log.db'), { scalewayIds: scalewayIds() })
    const { token, secret, hash } = newToken(GIVEN, 0)
    await store.tokens.create(token, hash)
    const account = Buffer.from(hash).toString('hex')
    const viewer = { id: token.id, name: token.name, account, memberships: GIVEN.grants }
    const headers = new Headers({ 'x-auth-token': secret })
    expect(await authenticate({ headers }, { store }, 0)).toEqual(viewer)

    // Once as it runs, with all in the write-ahead log, and once at rest.
    const running = bytesIn(folder.path)
    await store.close()
    for (const bytes of [running, bytesIn(folder.path)]) {
      expect(bytes.includes(Buffer.from(hash))).toBe(true)
      const random = Buffer.from(secret.slice(4), 'base64url')
      for (const spelling of [secret, secret.slice(4, 24), random, random.toString('hex')]) {
        expect(bytes.includes(spelling)).toBe(false)
      }
    }
  })

  test('is in no list of tokens, nor is its hash', async () => {
    using folder = temporaryFolder()
    const store = await openStore(join(folder.path, 'log.db'), { scalewayIds: scalewayIds() })
    const { token, secret, hash } = newToken(GIVEN, 0)
    await store.tokens.create(token, hash)
    const listed = await store.tokens.list()
    await store.close()
    expect(listed).toEqual([token])
    const shown = await run(['token', 'list', '--database', 'log.db'], { cwd: folder.path })
    expect(shown.stdout).toContain(token.id)
    for (const told of [JSON.stringify(listed), shown.stdout, shown.stderr]) {
      expect(told).not.toContain(secret.slice(4))
      expect(told).not.toContain(Buffer.from(hash).toString('hex'))
      expect(told).not.toContain(Buffer.from(hash).toString('base64url'))
    }
  })
})

function bytesIn(folder: string): Buffer {
  return Buffer.concat(readdirSync(folder).map(name => readFileSync(join(folder, name))))
}
