import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/storage/postgres/postgres-tables.ts',
  out: './drizzle/postgres',
})
