#!/usr/bin/env node
// The command's entry. Plain JavaScript that any Node can read, so that an unfit one gets a sentence
// instead of a crash: one too old cannot read the TypeScript, and SQLite's binding would end the process.

if (process.features.typescript) {
  const { main } = await import('./main.ts')
  await main(process.argv)
} else {
  process.stderr.write(
    `iam-logs needs Node 22.18 or newer, and this is ${process.versions.node}; in a clone, "npm start" and "npx iam-logs" bring their own\n`,
  )
  process.exitCode = 1
}
