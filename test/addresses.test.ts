// Addresses of databases: which file or PostgreSQL database an address names, and how messages show it without its
// password.

import { expect, test } from 'vitest'
import { fileOf, isPostgres, shownAddress } from '../src/storage/database-address.ts'

test.each([
  ['iam-logs.db', 'iam-logs.db'],
  ['/var/lib/iam-logs.db', '/var/lib/iam-logs.db'],
  [':memory:', ':memory:'],
  ['file:iam-logs.db', 'iam-logs.db'],
  ['file:///var/lib/iam-logs.db', '/var/lib/iam-logs.db'],
  ['FILE:iam-logs.db', 'iam-logs.db'],
  ['C:\\logs\\iam-logs.db', 'C:\\logs\\iam-logs.db'],
  ['a/file://b', 'a/file://b'],
  ['2x://y', '2x://y'],
  ['postgres://host/name', null],
  ['mysql+ssl-1.2://host/name', null],
  ['REDIS://host', null],
])('the file that the address %s names is %s', (address, file) => {
  expect(fileOf(address)).toBe(file)
})

test.each([
  ['postgres://host/name', true],
  ['postgresql://host/name', true],
  ['POSTGRES://host/name', true],
  ['postgresq://host/name', false],
  ['mypostgres://host/name', false],
  ['postgres:/host/name', false],
  ['postgres.db', false],
])('%s is the address of a PostgreSQL database: %s', (address, expected) => {
  expect(isPostgres(address)).toBe(expected)
})

test.each([
  ['postgres://iam:hunter2@host:5432/name', 'postgres://iam@host:5432/name'],
  ['postgres://iam@host/name', 'postgres://iam@host/name'],
  ['postgres://host/name', 'postgres://host/name'],
  ['postgres://iam:a@b:c@host/name?password=x&sslmode=require', 'postgres://iam@host/name'],
  ['postgres://host/name?password=hunter2', 'postgres://host/name'],
  ['postgres://:hunter2@host/name', 'postgres://@host/name'],
  ['POSTGRES://iam:two\nlines@host/name', 'POSTGRES://iam@host/name'],
  ['iam:hunter2@host', 'iam:hunter2@host'],
  ['/var/lib/a://b@c?d', '/var/lib/a://b@c?d'],
])('messages show the address %s as %s', (address, shown) => {
  expect(shownAddress(address)).toBe(shown)
})
