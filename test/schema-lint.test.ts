// The schema follows the rules of graphql-eslint. Needs the linter's own packages: npm ci --prefix test/clients/lint.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from './support/command.ts'

const LINTER = fileURLToPath(new URL('clients/lint', import.meta.url))
const found = existsSync(join(LINTER, 'node_modules/eslint'))

function lint(...args: string[]) {
  const ended = spawnSync(process.execPath, [join(LINTER, 'lint.js'), ...args], {
    encoding: 'utf8',
  })
  return { output: ended.stdout + ended.stderr, status: ended.status }
}

describe.skipIf(!found)(
  `graphql-eslint${found ? '' : ' (skipped: run npm ci --prefix test/clients/lint)'}`,
  () => {
    test('finds no fault in api.graphql', () => {
      expect(lint()).toEqual({ output: '', status: 0 })
    })

    test('finds the faults of a schema that has some', () => {
      using folder = temporaryFolder()
      const file = join(folder.path, 'schema.graphql')
      const schema = readFileSync(new URL('../packaging/api.graphql', import.meta.url), 'utf8')
      const wrong = schema.replace(/type User /, 'type user ').replaceAll(/: User\b/g, ': user')
      writeFileSync(file, `${wrong}\ntype Lonely { id: ID! }\n`)
      const { output, status } = lint(`file:${file}`)
      expect(status).toBe(1)
      expect(output).toMatch(/Type "user" should be in PascalCase format.*naming-convention/)
      expect(output).toMatch(/Object type `Lonely` is unreachable.*no-unreachable-types/)
      expect(output).toMatch(/Description is required for type "Lonely".*require-description/)
    })
  },
)
