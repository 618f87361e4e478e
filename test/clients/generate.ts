// Generates a typed client like the command of GraphQL Code Generator, from a schema and a source file with GraphQL
// documents, without that command's hundred packages.

import { preset } from '@graphql-codegen/client-preset'
import { codegen } from '@graphql-codegen/core'
import { buildASTSchema, parse } from 'graphql'

/** A file's name and text. */
export interface SourceFile {
  readonly name: string
  readonly text: string
}

/**
 * Returns the files of the client preset; `persisted-documents.json` has the documents by their hashes. `documents` is a
 * module with each document as a template literal in a call of `graphql`. Throws if a document is not valid for the schema.
 */
export async function generateClient(
  schemaText: string,
  documents: SourceFile,
): Promise<SourceFile[]> {
  const schema = parse(schemaText)
  const schemaAst = buildASTSchema(schema, { assumeValidSDL: true })
  const sources = [...documents.text.matchAll(/graphql\(`(.*?)`\)/gs)].map(([, text = '']) => ({
    location: documents.name,
    rawSDL: text,
    document: parse(text),
  }))
  const sections = await preset.buildGeneratesSection({
    baseOutputDir: 'gql/',
    schema,
    schemaAst,
    documents: sources,
    presetConfig: {
      fragmentMasking: false,
      persistedDocuments: { hashAlgorithm: 'sha256' },
    },
    config: {
      documentMode: 'string',
      scalars: { DateTime: 'string' },
      enumsAsTypes: true,
      useTypeImports: true,
      emitLegacyCommonJSImports: false,
    },
    plugins: [],
    pluginMap: {},
  })
  return Promise.all(
    sections.map(async section => ({
      name: section.filename,
      text: await codegen(section),
    })),
  )
}
