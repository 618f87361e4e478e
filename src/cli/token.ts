// iam-logs token: makes, lists and revokes access tokens. A secret is printed once, alone on standard output.

import { type Command, InvalidArgumentError } from 'commander'
import { newToken } from '../auth/tokens.ts'
import { quoted, Refusal } from '../errors.ts'
import { formatInstant, type Instant, now } from '../instant.ts'
import type { AccessToken } from '../viewer.ts'
import { KNOWN_PERMISSION_SETS } from '../visibility.ts'
import {
  type DatabaseOption,
  gathered,
  timeSpan,
  uuid,
  withDatabase,
  withStore,
} from './command.ts'

interface CreateOptions extends DatabaseOption {
  readonly organization: readonly string[]
  readonly owner?: true
  readonly permissionSet?: readonly string[]
  readonly name?: string
  readonly expires?: Instant
}

export function addToken(program: Command): void {
  const token = program
    .command('token')
    .description('make, list and revoke access tokens')
    .helpCommand(false)

  withDatabase(
    token
      .command('create')
      .description('make a token and print its secret, this once')
      .requiredOption(
        '--organization <id>',
        'what it opens; may be given several times',
        gathered(uuid),
      )
      .option('--owner', 'sees everything in the Organization')
      .option(
        '--permission-set <name...>',
        `sees what these Scaleway permission sets show; those that show something here: ${KNOWN_PERMISSION_SETS.join(', ')}`,
        gathered(permissionSet),
      )
      .option('--name <name>', 'to know it by in the list')
      .option(
        '--expires <span>',
        'for how long it is valid, such as 12h or 90d; for ever unless said',
        timeSpan,
      ),
  ).action(create)

  withDatabase(token.command('list').description('all tokens, without their secrets')).action(list)

  withDatabase(
    token
      .command('revoke')
      .description('make a token invalid, from its next request on')
      .argument('<id>', 'its ID, as the list shows it'),
  ).action(revoke)
}

async function create(options: CreateOptions, command: Command): Promise<void> {
  const sets = options.permissionSet ?? []
  if ((options.owner === true) === sets.length > 0) {
    command.error('error: say what it may see: either --owner or --permission-set NAME')
  }
  await withStore(options, async store => {
    const createdAt = now()
    const { token, secret, hash } = newToken(
      {
        name: options.name ?? null,
        expiresAt: options.expires === undefined ? null : createdAt + options.expires,
        memberships: options.organization.map(organizationId => ({
          organizationId,
          owner: options.owner === true,
          permissionSets: sets,
        })),
      },
      createdAt,
    )
    await store.tokens.create(token, hash)
    const known = new Set(await store.organizationIds())
    for (const id of options.organization) {
      if (!known.has(id))
        process.stderr.write(`note: nothing of Organization ${id} is in the database yet\n`)
    }
    process.stderr.write(`token ${token.id}; keep its secret, it is shown only now:\n`)
    process.stdout.write(`${secret}\n`)
  })
}

async function list(options: DatabaseOption): Promise<void> {
  await withStore(options, async store => {
    const rows = (await store.tokens.list()).map(rowOf)
    const header = ['ID', 'NAME', 'CREATED', 'EXPIRES', 'SEES']
    const table = [header, ...rows]
    const widths = header.map((_, column) =>
      Math.max(...table.map(row => row[column]?.length ?? 0)),
    )
    for (const row of table) {
      const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
      process.stdout.write(`${line.trimEnd()}\n`)
    }
  })
}

function rowOf({ id, name, createdAt, expiresAt, memberships }: AccessToken): string[] {
  const minute = (instant: Instant) => `${formatInstant(instant).slice(0, 16)}Z`
  const expiry = expiresAt === null ? 'never' : minute(expiresAt)
  return [
    id,
    name ?? '-',
    minute(createdAt),
    expiresAt !== null && expiresAt <= now() ? `${expiry} (past)` : expiry,
    memberships
      .map(
        ({ organizationId, owner, permissionSets }) =>
          `${organizationId}: ${owner ? 'owner' : permissionSets.join(' ')}`,
      )
      .join(', '),
  ]
}

async function revoke(id: string, options: DatabaseOption): Promise<void> {
  await withStore(options, async store => {
    if (!(await store.tokens.revoke(id))) {
      throw new Refusal(
        'BAD_USER_INPUT',
        `there is no token ${quoted(id)}; see: iam-logs token list`,
      )
    }
    process.stdout.write(`token ${id} is revoked\n`)
  })
}

function permissionSet(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]{0,99}$/.test(name)) {
    throw new InvalidArgumentError('give the name of a permission set, such as IAMReadOnly')
  }
  return name
}
