// GraphQL clients with a normalizing cache, which stores objects by `id`, configured as in docs/clients.md: what they
// return for a query when it is answered, and from their cache after other responses.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ApolloClient, ApolloLink, gql, type InMemoryCache, Observable } from '@apollo/client'
import { Client, type Exchange, fetchExchange } from '@urql/core'
import { print } from 'graphql'
import type { ConcreteRequest, GraphQLResponse } from 'relay-runtime'
import relay from 'relay-runtime'
import { temporaryFolder } from '../support/command.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DOCUMENTED = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8')

/** Sends the text of a query to the server, and returns its response. */
export type Send = (query: string, variables?: object) => Promise<object>

export interface CachingClient {
  /** Sends the query to the server, and returns the data that the client shows then. */
  fetch(name: string): Promise<unknown>
  /** The data in the cache, without a request; `null` if any of it is missing. */
  fromCache(name: string): unknown
}

/** The code block in this language of a chapter of docs/clients.md. */
export function documented(chapter: string, language: string): string {
  const [, text = ''] = DOCUMENTED.split(`\n## ${chapter}\n`)
  const [, code] = new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, 's').exec(text) ?? []
  if (code === undefined) throw new Error(`no ${language} for ${chapter} in docs/clients.md`)
  return code
}

/** The texts of queries by operation name. */
export type Questions = ReadonlyMap<string, string>

/** Functions that create the clients, each with an empty cache. */
export async function cachingClients(questions: Questions) {
  const folder = temporaryFolder()
  writeFileSync(join(folder.path, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'))
  const load = async (file: string) => import(pathToFileURL(join(folder.path, file)).href)
  const cache = async (chapter: string) => {
    const file = `${chapter.replace(' ', '-')}-${performance.now()}.js`
    writeFileSync(join(folder.path, file), documented(chapter, 'js'))
    return (await load(file)).cache
  }
  compileRelay(folder.path, questions)
  const artifact = async (name: string): Promise<ConcreteRequest> =>
    (await load(`src/__generated__/${name}.graphql.js`)).default
  const artifacts = new Map<string, ConcreteRequest>()
  for (const name of questions.keys()) artifacts.set(name, await artifact(name))
  return {
    'Apollo Client': async (send: Send) => apollo(send, questions, await cache('Apollo Client')),
    urql: async (send: Send) => urql(send, questions, await cache('urql')),
    Relay: async (send: Send) => relayStore(send, artifacts),
    /** The output of Relay's compiler for a query. */
    artifact,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

function apollo(send: Send, questions: Questions, cache: InMemoryCache): CachingClient {
  const link = new ApolloLink(
    ({ query }) =>
      new Observable(observer => {
        send(print(query)).then(answer => {
          observer.next(answer)
          observer.complete()
        }, observer.error)
      }),
  )
  const client = new ApolloClient({ cache, link })
  const query = (name: string) => gql(questions.get(name) ?? '')
  return {
    fetch: async name =>
      (await client.query({ query: query(name), fetchPolicy: 'network-only' })).data,
    fromCache: name => client.readQuery({ query: query(name) }),
  }
}

function urql(send: Send, questions: Questions, cache: Exchange): CachingClient {
  const client = new Client({
    url: 'http://127.0.0.1/graphql',
    preferGetMethod: false,
    exchanges: [cache, fetchExchange],
    fetch: async (_, init) =>
      new Response(JSON.stringify(await send(JSON.parse(String(init?.body)).query)), {
        headers: { 'content-type': 'application/json' },
      }),
  })
  const text = (name: string) => questions.get(name) ?? ''
  return {
    fetch: async name =>
      (await client.query(text(name), {}, { requestPolicy: 'network-only' }).toPromise()).data,
    fromCache: name => client.readQuery(text(name), {})?.data ?? null,
  }
}

export function relayEnvironment(send: Send): relay.Environment {
  return new relay.Environment({
    network: relay.Network.create(
      async ({ text }, variables) => (await send(text ?? '', variables)) as GraphQLResponse,
    ),
    store: new relay.Store(new relay.RecordSource()),
  })
}

function relayStore(send: Send, artifacts: ReadonlyMap<string, ConcreteRequest>): CachingClient {
  const environment = relayEnvironment(send)
  const request = (name: string) => artifacts.get(name) as ConcreteRequest
  return {
    async fetch(name) {
      environment.retain(relay.createOperationDescriptor(request(name), {}))
      return relay.fetchQuery(environment, request(name), {}).toPromise()
    },
    fromCache(name) {
      const { fragment } = relay.createOperationDescriptor(request(name), {})
      const { data, isMissingData } = environment.lookup(fragment)
      return isMissingData ? null : data
    },
  }
}

/** Runs Relay's compiler with the configuration and the fragments of the documentation. */
function compileRelay(folder: string, questions: Questions): void {
  const schema = join(folder, 'api.graphql')
  symlinkSync(join(ROOT, 'packaging/api.graphql'), schema)
  const config = { ...JSON.parse(documented('Relay', 'json')), schema, language: 'javascript' }
  writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config))
  mkdirSync(join(folder, 'src'))
  const module = (name: string, text: string) =>
    writeFileSync(join(folder, 'src', `${name}.js`), `graphql\`${text}\``)
  module('Log', documented('Relay', 'graphql'))
  for (const [name, text] of questions) module(name, text)
  const compiler = join(ROOT, 'node_modules/.bin/relay-compiler')
  const { status, stdout, stderr } = spawnSync(compiler, ['--noWatchman'], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
}
