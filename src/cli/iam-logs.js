#!/usr/bin/env node
// The command's entry. Plain JavaScript that any Node can read, so that an unfit one gets a sentence
// instead of a crash: below 22.18 the TypeScript cannot be read, and SQLite's binding ends the process.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 18)) {
  const { main } = await import('./main.ts')
  await main(process.argv)
} else {
  process.stderr.write(
    `iam-logs needs Node 22.18 or newer, and this is ${process.versions.node}; in a clone, "npm start" and "npx iam-logs" bring their own\n`,
  )
  process.exitCode = 1
}
