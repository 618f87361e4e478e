// Composes the subgraphs into one supergraph, with either of the two composers.

import { composeServices as composeWithApollo } from '@apollo/composition'
import { composeServices as composeWithGuild } from '@theguild/federation-composition'
import { parse } from 'graphql'
import type { Subgraph } from './subgraph.ts'

/** The supergraph's SDL; throws the composition errors. */
export function compose(composer: 'apollo' | 'guild', subgraphs: readonly Subgraph[]): string {
  const services = subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }))
  const { supergraphSdl, errors } =
    composer === 'apollo' ? composeWithApollo(services) : composeWithGuild(services)
  if (supergraphSdl === undefined) {
    throw new Error(errors?.map(({ message }) => message).join('\n') ?? 'nothing was composed')
  }
  return supergraphSdl
}
