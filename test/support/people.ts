// A user and an application of the directory with default fields.

import type { Application, User } from '../../src/principal.ts'
import { at, ORGANIZATION, uuid } from './events.ts'

export function user(fields: Partial<User> = {}): User {
  return {
    kind: 'user',
    id: uuid(1),
    organizationId: ORGANIZATION,
    name: 'Ada Lovelace',
    username: 'ada',
    email: 'ada@example.com',
    firstName: 'Ada',
    lastName: 'Lovelace',
    type: 'member',
    mfa: true,
    locked: false,
    createdAt: at('2025-01-01T00:00:00.123456Z'),
    updatedAt: null,
    lastLoginAt: null,
    ...fields,
  }
}

export function application(fields: Partial<Application> = {}): Application {
  return {
    kind: 'application',
    id: uuid(2),
    organizationId: ORGANIZATION,
    name: 'terraform',
    description: null,
    managed: false,
    createdAt: at('2025-01-01T00:00:00Z'),
    updatedAt: null,
    ...fields,
  }
}
