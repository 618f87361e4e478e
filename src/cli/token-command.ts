// iam-logs token: creates, lists and revokes access tokens. A secret is printed once, alone on standard output.

import type { Command } from 'commander'
import { cutShort, type TokenChanged } from '../audit-record.ts'
import type { JwtSettings } from '../auth/jwt.ts'
import { hashSubject, isExpired, newToken } from '../auth/tokens.ts'
import { InputError, oneLine, quoted } from '../errors.ts'
import { formatInstant, type Instant, now } from '../instant.ts'
import type { AuditStore } from '../store.ts'
import type { AccessToken } from '../viewer.ts'
import { accessScopeOf } from '../visibility.ts'
import { openAuditFile, operator } from './audit.ts'
import {
  DATABASE,
  type DatabaseOption,
  label,
  settingsOf,
  timeSpan,
  uuid,
  withStore,
} from './command.ts'
import type { CliCommand } from './help.ts'
import { logsLink, serverAddress } from './next-step.ts'
import {
  grantText,
  notePermissionSets,
  noteUnknownOrganization,
  type RightsOptions,
  withRights,
} from './rights.ts'
import { addList, addRevoke, minute } from './stored-list.ts'

interface CreateOptions extends DatabaseOption, RightsOptions {
  readonly principal?: string
  readonly subject?: string
  readonly name?: string
  readonly expires?: Instant
}

export function define(token: CliCommand): void {
  token
    .helpCommand(false)
    .examples(
      'iam-logs token create --organization ID --owner',
      'iam-logs token list',
      'iam-logs token revoke ID',
    )
  withRights(
    token
      .command('create')
      .description('create a token, and print its secret, which is shown only once'),
  )
    .option(
      '--principal <id>',
      'gives access to what this user or application of the Organization may see at the time of a request',
      uuid,
    )
    .option(
      '--subject <sub>',
      'create no secret; the rights are for JSON Web Tokens of this subject (IAM_LOGS_JWT_ISSUER)',
      label,
    )
    .option('--name <name>', 'name of the token in the list', label)
    .option(
      '--expires <span>',
      'how long the token is valid, such as 12h or 90d (default: forever)',
      timeSpan,
    )
    .addOption(DATABASE)
    .examples(
      'iam-logs token create --organization 1426f6ec-7eb8-4326-8b71-81c6b6392e75 --owner',
      'iam-logs token create --organization ID --permission-set AuditTrailReadOnly --name audit --expires 90d',
      [
        'iam-logs token create --organization ID --principal USER-ID',
        'with the rights that this user has at the time of a request',
      ],
    )
    .action(create)
  addList(
    token,
    'tokens',
    'list all tokens, without their secrets',
    ['ID', 'NAME', 'CREATED', 'EXPIRES', 'SEES'],
    async store => (await store.tokens.list()).map(rowOf),
  )
  addRevoke(token, 'token', 'revoke a token: its next request is refused', async (store, id) => {
    const token = await store.tokens.revoke(id)
    return token && changed('token_revoked', token, 'token revoke')
  })
}

async function create(options: CreateOptions, command: Command): Promise<void> {
  const sets = options.permissionSet ?? []
  const { principal: principalId } = options
  const given = [options.owner === true, sets.length > 0, principalId !== undefined]
  if (given.filter(Boolean).length !== 1) {
    command.error('error: give exactly one of --owner, --permission-set NAME and --principal ID')
  }
  const { subject } = options
  const subjectHash = subject === undefined ? null : hashFor(subject, settingsOf(options).jwt)
  await withStore(options, async (store, config) => {
    const audit = openAuditFile(config)
    const createdAt = now()
    const { token, secret, hash } = newToken(
      {
        name: options.name ?? subject ?? null,
        expiresAt: options.expires === undefined ? null : createdAt + options.expires,
        grants: options.organization.map(organizationId =>
          principalId === undefined
            ? { organizationId, owner: options.owner === true, permissionSets: sets }
            : { organizationId, principalId },
        ),
      },
      createdAt,
    )
    const key = subjectHash ?? hash
    const before = await store.tokens.find(key)
    if (before !== null) {
      throw new InputError(
        `the subject ${quoted(subject)} already has rights; to change them, first run: iam-logs token revoke ${before.viewer.id}`,
      )
    }
    await store.tokens.create(token, key)
    audit({
      ...changed('token_created', token, 'token create'),
      ...(subject !== undefined && { subject: cutShort(subject) }),
    })
    notePermissionSets(sets)
    const known = new Set(await store.organizationIds())
    for (const id of options.organization) {
      if (!known.has(id)) {
        noteUnknownOrganization(id, config.database)
      } else if (principalId !== undefined) {
        await noteRights(store, id, principalId)
      }
    }
    if (subject !== undefined) {
      process.stdout.write(`token ${token.id}: rights of the subject ${quoted(subject)}\n`)
      return
    }
    const address = config.publicUrl ?? serverAddress(config)
    process.stderr.write(
      `token ${token.id} for ${address}/; keep its secret, it is shown only now:\n`,
    )
    process.stdout.write(`${secret}\n`)
    // The link contains the secret, so it is shown only on a terminal that shows the secret, too.
    if (process.stdout.isTTY && process.stderr.isTTY) {
      process.stderr.write(`Logs: ${logsLink(address, secret)}\n`)
    }
  })
}

function hashFor(subject: string, jwt: JwtSettings | null): Uint8Array {
  if (jwt === null) {
    throw new InputError(
      '--subject needs an issuer: set IAM_LOGS_JWKS_URL, IAM_LOGS_JWT_ISSUER and IAM_LOGS_JWT_AUDIENCE',
    )
  }
  return hashSubject(jwt.issuer, subject)
}

/** Reports a principal who may see no events: probably a mistake, but allowed. */
async function noteRights(store: AuditStore, organizationId: string, id: string): Promise<void> {
  const membership = await store.membership({ organizationId, id })
  const problem =
    membership === null
      ? 'is not a user or application of'
      : accessScopeOf(membership).has('events')
        ? null
        : 'may not see the events of'
  if (problem !== null) {
    process.stderr.write(`note: ${id} ${problem} Organization ${organizationId} as of now\n`)
  }
}

function rowOf(token: AccessToken): string[] {
  const { id, name, createdAt, expiresAt, grants } = token
  const expiry = expiresAt === null ? 'never' : minute(expiresAt)
  return [
    id,
    name === null ? '-' : oneLine(name),
    minute(createdAt),
    isExpired(token, now()) ? `${expiry} (expired)` : expiry,
    grants.map(grantText).join(', '),
  ]
}

/** The audit record of a change; `command` as typed. */
export function changed(
  event: TokenChanged['event'],
  { id, name, grants, expiresAt }: AccessToken,
  command: string,
): TokenChanged {
  return {
    event,
    ...operator(command),
    tokenId: id,
    tokenName: name === null ? null : cutShort(name),
    grants: grants.map(grantText),
    expiresAt: expiresAt === null ? null : formatInstant(expiresAt),
  }
}
