// A client as GraphQL Code Generator makes it of a schema and of source files with documents in them: what its
// command would write, without the command and its hundred packages.

import { preset } from '@graphql-codegen/client-preset'
import { codegen } from '@graphql-codegen/core'
import { buildASTSchema, parse } from 'graphql'

/** A file's name and text. */
export interface SourceFile {
  readonly name: string
  readonly text: string
}

/**
 * The files of the client preset, with documents as texts and, in `persisted-documents.json`, by their hashes.
 * `documents` is a module with texts between backquotes after `graphql(`. Throws where the schema does not have
 * what they ask for.
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
