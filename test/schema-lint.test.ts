// The schema keeps graphql-eslint's rules. Runs where the linter's own packages are: npm ci --prefix test/clients/lint.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from './support/command.ts'

const HERE = fileURLToPath(new URL('clients/lint', import.meta.url))
const found = existsSync(join(HERE, 'node_modules/eslint'))

function lint(...args: string[]) {
  const ended = spawnSync(process.execPath, [join(HERE, 'lint.js'), ...args], { encoding: 'utf8' })
  return { said: ended.stdout + ended.stderr, status: ended.status }
}

describe.skipIf(!found)(
  `graphql-eslint${found ? '' : ' (skipped: run npm ci --prefix test/clients/lint)'}`,
  () => {
    test('finds nothing wrong with api.graphql', () => {
      expect(lint()).toEqual({ said: '', status: 0 })
    })

    test('would find what is wrong', () => {
      using folder = temporaryFolder()
      const file = join(folder.path, 'schema.graphql')
      const schema = readFileSync(new URL('../packaging/api.graphql', import.meta.url), 'utf8')
      const wrong = schema.replace(/type User /, 'type user ').replaceAll(/: User\b/g, ': user')
      writeFileSync(file, `${wrong}\ntype Lonely { id: ID! }\n`)
      const { said, status } = lint(`file:${file}`)
      expect(status).toBe(1)
      expect(said).toMatch(/Type "user" should be in PascalCase format.*naming-convention/)
      expect(said).toMatch(/Object type `Lonely` is unreachable.*no-unreachable-types/)
      expect(said).toMatch(/Description is required for type "Lonely".*require-description/)
    })
  },
)
