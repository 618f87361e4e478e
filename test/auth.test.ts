// Access tokens in the database: only the hash of a token's secret is stored, and no list shows either.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { authenticate } from '../src/auth/authenticate.ts'
import { newToken } from '../src/auth/tokens.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { run, temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'

const TOKEN = {
  name: 'collector',
  grants: [{ organizationId: ORGANIZATION, owner: false, permissionSets: ['IAMReadOnly'] }],
  expiresAt: null,
}

describe("a token's secret", () => {
  test('begins with ilg_, which secret scanners recognise, and contains 43 random characters, which are 256 bits', () => {
    const secrets = Array.from({ length: 1000 }, () => newToken(TOKEN, 0).secret)
    for (const secret of secrets) expect(secret).toMatch(/^ilg_[\w-]{43}$/)
    expect(new Set(secrets).size).toBe(1000)
  })

  test('is in no file of the database in any encoding, while its hash is', async () => {
    using folder = temporaryFolder()
    const store = await openStore(join(folder.path, 'log.db'), { scalewayIds: scalewayIds() })
    const { token, secret, hash } = newToken(TOKEN, 0)
    await store.tokens.create(token, hash)
    const account = Buffer.from(hash).toString('hex')
    const viewer = { id: token.id, name: token.name, account, memberships: TOKEN.grants }
    const headers = new Headers({ 'x-auth-token': secret })
    expect(await authenticate({ headers }, { store }, 0)).toEqual(viewer)

    // Once while the database is open, with everything in the write-ahead log, and once after it is closed.
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

  test('is in no list of tokens, and neither is its hash', async () => {
    using folder = temporaryFolder()
    const store = await openStore(join(folder.path, 'log.db'), { scalewayIds: scalewayIds() })
    const { token, secret, hash } = newToken(TOKEN, 0)
    await store.tokens.create(token, hash)
    const listed = await store.tokens.list()
    await store.close()
    expect(listed).toEqual([token])
    const shown = await run(['token', 'list', '--database', 'log.db'], { cwd: folder.path })
    expect(shown.stdout).toContain(token.id)
    for (const list of [JSON.stringify(listed), shown.stdout, shown.stderr]) {
      expect(list).not.toContain(secret.slice(4))
      expect(list).not.toContain(Buffer.from(hash).toString('hex'))
      expect(list).not.toContain(Buffer.from(hash).toString('base64url'))
    }
  })
})

function bytesIn(folder: string): Buffer {
  return Buffer.concat(readdirSync(folder).map(name => readFileSync(join(folder, name))))
}
