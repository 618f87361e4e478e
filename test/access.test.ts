// The command iam-logs access: granting, listing and revoking the permissions of people who sign in.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { emptyDatabase, run, temporaryFolder } from './support/command.ts'
import { ORGANIZATION, OTHER_ORGANIZATION } from './support/events.ts'

const ENVIRONMENT = {
  IAM_LOGS_AUDIT: 'audit.ndjson',
  IAM_LOGS_OIDC_ISSUER: 'https://login.example/',
  IAM_LOGS_OIDC_CLIENT_ID: 'logs',
  IAM_LOGS_OIDC_CLIENT_SECRET: 'secret',
  IAM_LOGS_PUBLIC_URL: 'https://logs.example',
}

const access = (cwd: string, args: readonly string[], environment: object = ENVIRONMENT) =>
  run(['access', ...args], { cwd, environment: environment as Record<string, string> })

const NOTE = `note: Organization ${ORGANIZATION} is not in ./iam-logs.db yet\n`
const ANY_ID = /[\da-f]{8}-[\da-f-]{27}/

describe.concurrent('iam-logs access', () => {
  test('grants, lists and revokes permissions, and writes an audit record of each change', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await emptyDatabase(cwd)
    expect(await access(cwd, ['list'])).toEqual({
      ...{ code: 0, stderr: 'no grants found in ./iam-logs.db\n' },
      stdout: 'ID  WHO  ISSUER  CREATED  SEES\n',
    })
    const group = await access(cwd, [
      ...['grant', '--group', 'se\u202ecurity', '--owner'],
      ...['--organization', ORGANIZATION, '--organization', OTHER_ORGANIZATION.toUpperCase()],
    ])
    const ids = [...group.stdout.matchAll(new RegExp(`grant (${ANY_ID.source})`, 'g'))].map(
      ([, id]) => id ?? '',
    )
    expect(group.stdout).toBe(
      `grant ${ids[0]}: group "se?curity" ${ORGANIZATION}: owner\n` +
        `grant ${ids[1]}: group "se?curity" ${OTHER_ORGANIZATION}: owner\n`,
    )
    const sets = ['--permission-set', 'AuditTrailReadOnly', 'IAMUserReadonly']
    const person = await access(cwd, [
      ...['grant', '--subject', 'ada', '--organization', ORGANIZATION, ...sets],
    ])
    expect(person).toMatchObject({
      code: 0,
      stderr: `note: IAMUserReadonly shows nothing here; the most similar permission set that does is IAMUserReadOnly\n${NOTE}`,
    })
    const { stdout } = await access(cwd, ['list'])
    const rows = stdout.split('\n').map(line => line.split(/ {2,}/))
    expect(rows.map(([id, who, issuer, , sees]) => [id, who, issuer, sees])).toEqual([
      ['ID', 'WHO', 'ISSUER', 'SEES'],
      [ids[0], 'group "se?curity"', 'https://login.example', `${ORGANIZATION}: owner`],
      [ids[1], 'group "se?curity"', 'https://login.example', `${OTHER_ORGANIZATION}: owner`],
      [
        ...[ANY_ID.exec(person.stdout)?.[0], 'subject "ada"', 'https://login.example'],
        `${ORGANIZATION}: AuditTrailReadOnly IAMUserReadonly`,
      ],
      ['', undefined, undefined, undefined],
    ])
    expect(await access(cwd, ['revoke', ids[1] ?? ''])).toEqual({
      ...{ code: 0, stdout: `grant ${ids[1]} is revoked\n`, stderr: '' },
    })
    expect(await access(cwd, ['revoke', ids[1] ?? ''])).toEqual({
      ...{ code: 1, stdout: '' },
      stderr: `error: grant "${ids[1]}" not found in ./iam-logs.db; see: iam-logs access list\n`,
    })
    const lines = readFileSync(join(cwd, 'audit.ndjson'), 'utf8').trimEnd().split('\n')
    const records = lines.map(line => JSON.parse(line))
    const who = { user: expect.any(String), issuer: 'https://login.example' }
    expect(records).toMatchObject([
      { event: 'access_granted', ...who, command: 'access grant', grantId: ids[0] },
      { event: 'access_granted', grantId: ids[1], grants: [`${OTHER_ORGANIZATION}: owner`] },
      { event: 'access_granted', subject: 'ada' },
      { event: 'access_revoked', ...who, command: 'access revoke', group: 'se\u202ecurity' },
    ])
  })

  test.each([
    [['--owner'], 2, 'give either --subject SUB or --group NAME'],
    [['--subject', 'a', '--group', 'b', '--owner'], 2, 'give either --subject SUB'],
    [['--subject', 'a'], 2, 'give either --owner or --permission-set NAME'],
    [
      ['--subject', 'a', '--owner', '--permission-set', 'IAMReadOnly'],
      2,
      'give either --owner or --permission-set',
    ],
    [['--subject', '', '--owner'], 2, 'Give 1 to 255 characters'],
    [['--subject', 'a', '--owner', '--organization', 'x'], 2, '"x" is not a UUID'],
  ])('refuses the arguments %j with a one-line message', async (args, code, line) => {
    using folder = temporaryFolder()
    await emptyDatabase(folder.path)
    const all = ['grant', '--organization', ORGANIZATION, ...args]
    const result = await access(folder.path, all)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(line)])
  })

  test('grant fails without an identity provider, and names the settings that configure one', async () => {
    using folder = temporaryFolder()
    await emptyDatabase(folder.path)
    const args = ['grant', '--organization', ORGANIZATION, '--subject', 'a', '--owner']
    expect(await access(folder.path, args, {})).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error: access grant needs an identity provider: set IAM_LOGS_OIDC_ISSUER, IAM_LOGS_OIDC_CLIENT_ID and IAM_LOGS_OIDC_CLIENT_SECRET\n',
    })
  })
})
