// The published schema: its descriptions, its contract, and that the committed files are up to date.

import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import { expect, test } from 'vitest'
import { printedSchemas, schema } from '../src/schema/schema.ts'

test.each(Object.entries(printedSchemas))(
  'the committed file %s is up to date with the code',
  (name, print) => {
    expect(print(), 'not up to date: npm run schema').toBe(
      readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'),
    )
  },
)

test('every type, field, argument and enum value has a description', () => {
  const undescribed: string[] = []
  const look = (name: string, described: { description?: string | null | undefined }) => {
    if (!described.description) undescribed.push(name)
  }
  for (const type of ownTypes()) {
    look(type.name, type)
    if (isEnumType(type)) {
      for (const value of type.getValues()) look(`${type.name}.${value.name}`, value)
    }
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      look(`${type.name}.${field.name}`, field)
      if (!('args' in field)) continue
      for (const argument of field.args) {
        look(`${type.name}.${field.name}(${argument.name})`, argument)
      }
    }
  }
  expect(undescribed).toEqual([])
})

test('the schema has every type, field and argument of the contract', () => {
  const contract = buildSchema(`
    scalar DateTime
    type Query { viewer: Viewer! organization(id: ID!): Organization organizations: [Organization!]!
      event(id: ID!): Event node(id: ID!): Node nodes(ids: [ID!]!): [Node]! }
    interface Node { id: ID! }
    type Organization implements Node { id: ID! name: String
      events(filter: EventFilter, orderBy: EventOrder! = CREATED_AT_DESC, first: Int, after: String, last: Int, before: String): EventConnection!
      eventCounts(filter: EventFilter): EventCounts!
      eventFeed(after: String, first: Int, filter: EventFilter): EventFeed!
      coverage: Coverage!
      event(id: ID!): Event principal(id: ID!): Principal
      principals(search: String, first: Int, after: String, last: Int, before: String): PrincipalConnection! }
    type Event implements Node { id: ID! eventId: ID! createdAt: DateTime! action: EventAction! category: EventCategory!
      rawAction: String! rawCategory: String! recordedAt: DateTime! principal: Principal! resource: Resource!
      ipAddress: String userAgent: String organization: Organization! }
    interface Principal { id: ID! principalId: ID! name: String! events(filter: EventFilter, orderBy: EventOrder! = CREATED_AT_DESC, first: Int, after: String, last: Int, before: String): EventConnection! }
    type User implements Principal & Node { id: ID! principalId: ID! name: String! username: String email: String firstName: String lastName: String type: String
      events(filter: EventFilter, orderBy: EventOrder! = CREATED_AT_DESC, first: Int, after: String, last: Int, before: String): EventConnection! }
    type Application implements Principal & Node { id: ID! principalId: ID! name: String! description: String
      events(filter: EventFilter, orderBy: EventOrder! = CREATED_AT_DESC, first: Int, after: String, last: Int, before: String): EventConnection! }
    type UnknownPrincipal implements Principal { id: ID! principalId: ID! name: String! events(filter: EventFilter, orderBy: EventOrder! = CREATED_AT_DESC, first: Int, after: String, last: Int, before: String): EventConnection! }
    type ScalewayPrincipal implements Principal { id: ID! principalId: ID! name: String! events(filter: EventFilter, orderBy: EventOrder! = CREATED_AT_DESC, first: Int, after: String, last: Int, before: String): EventConnection! }
    input EventFilter { createdAfter: DateTime createdBefore: DateTime actions: [EventAction!] categories: [EventCategory!]
      principalIds: [ID!] resourceIds: [ID!] ipAddresses: [String!] userAgent: String not: EventExclusion }
    input EventExclusion { actions: [EventAction!] categories: [EventCategory!] principalIds: [ID!] ipAddresses: [String!] userAgents: [String!] }
    enum EventOrder { CREATED_AT_ASC CREATED_AT_DESC }
    enum EventAction { CREATED UPDATED DELETED UNKNOWN }
    enum EventCategory { API_KEY USER APPLICATION GROUP POLICY UNKNOWN }
    type EventConnection { edges: [EventEdge!]! nodes: [Event!]! pageInfo: PageInfo! totalCount: Int! }
    type EventEdge { cursor: String! node: Event! }
    type PrincipalConnection { edges: [PrincipalEdge!]! nodes: [Principal!]! pageInfo: PageInfo! totalCount: Int! }
    type PrincipalEdge { cursor: String! node: Principal! }
    type EventCounts { total: Int! isExact: Boolean! byAction: [ActionCount!]! byCategory: [CategoryCount!]!
      byPrincipal(first: Int! = 10): [PrincipalCount!]! byTime(interval: TimeInterval!, timeZone: String! = "UTC"): [TimeCount!]!
      byIpAddress(first: Int! = 10): IpAddressCounts! byUserAgent(first: Int! = 10): UserAgentCounts! }
    type IpAddressCounts { nodes: [IpAddressCount!]! countedSince: DateTime }
    type IpAddressCount { ipAddress: String count: Int! latest: DateTime! }
    type UserAgentCounts { nodes: [UserAgentCount!]! countedSince: DateTime }
    type UserAgentCount { userAgent: String count: Int! latest: DateTime! }
    type ActionCount { action: EventAction! count: Int! }
    type CategoryCount { category: EventCategory! count: Int! }
    type PrincipalCount { principal: Principal! count: Int! }
    type TimeCount { start: DateTime! end: DateTime! count: Int! }
    enum TimeInterval { MINUTE HOUR DAY WEEK MONTH }
    type EventFeed { nodes: [Event!]! cursor: String! hasMore: Boolean! }
    type Coverage { earliest: DateTime latest: DateTime lastSyncedAt: DateTime completeUntil: DateTime gaps: [TimeRange!]! }
    type TimeRange { from: DateTime until: DateTime! }
    type Subscription { eventRecorded(organizationId: ID!, filter: EventFilter, after: String): Event! }
    type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
    type Resource { resourceId: ID! category: EventCategory! name: String }
    type Viewer { id: ID! name: String memberships: [Membership!]! }
    type Membership { organization: Organization! owner: Boolean! permissionSets: [String!]! seesEvents: Boolean! seesUsers: Boolean! seesApplications: Boolean! }
  `)
  const missing: string[] = []
  for (const type of Object.values(contract.getTypeMap())) {
    if (type.name.startsWith('__') || isSpecifiedScalarType(type)) continue
    const ours = schema.getType(type.name)
    if (ours === undefined || !sameKind(type, ours)) {
      missing.push(type.name)
      continue
    }
    if (isEnumType(type) && isEnumType(ours)) {
      const names = (enumType: typeof type) => enumType.getValues().map(value => value.name)
      if (names(type).join() !== names(ours).join()) missing.push(type.name)
    }
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue
    if (!isObjectType(ours) && !isInterfaceType(ours) && !isInputObjectType(ours)) continue
    for (const field of Object.values(type.getFields())) {
      const own = ours.getFields()[field.name]
      if (String(own?.type) !== String(field.type)) missing.push(`${type.name}.${field.name}`)
      if (!('args' in field) || own === undefined || !('args' in own)) continue
      for (const argument of field.args) {
        const ownArgument = own.args.find(({ name }) => name === argument.name)
        if (String(ownArgument?.type) !== String(argument.type)) {
          missing.push(`${type.name}.${field.name}(${argument.name})`)
        }
      }
    }
  }
  expect(missing).toEqual([])
})

function ownTypes(): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter(
    type => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  )
}

function sameKind(a: GraphQLNamedType, b: GraphQLNamedType): boolean {
  return a.constructor.name === b.constructor.name
}
