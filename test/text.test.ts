// Text from outside: which can be stored, how IDs are compared, and how it is quoted in messages and records, with a
// limited length and without invisible characters.

import { describe, expect, test } from 'vitest'
import { cutShort } from '../src/audit-record.ts'
import { briefly, oneLine, quoted, UserError } from '../src/errors.ts'
import { canonicalId, isUuid } from '../src/id.ts'
import { isKeepable } from '../src/text.ts'

describe('whether a text can be stored', () => {
  test.each([
    ['', true],
    ['plain', true],
    ['tab\t, newline\n, bell\x07', true],
    ['\u{1f600}', true],
    ['\0', false],
    ['behind\0', false],
    ['\ud83d', false],
    ['\ude00', false],
    ['\ude00\ud83d', false],
  ])('%j: %s', (text, keepable) => {
    expect(isKeepable(text)).toBe(keepable)
  })
})

describe('an ID', () => {
  const LOWER = '0123abcd-4567-89ef-abcd-0123456789ab'

  test('that is a UUID is the same in upper and lower case, and becomes lower case', () => {
    for (const text of [LOWER, LOWER.toUpperCase(), '0123ABCD-4567-89ef-abcd-0123456789ab']) {
      expect([isUuid(text), canonicalId(text)]).toEqual([true, LOWER])
    }
  })

  test.each([
    'SCWABCDEFGHIJKLMNOPQ',
    'SomeOne',
    '',
    'G123ABCD-4567-89EF-ABCD-0123456789AB',
    '0123ABCD-4567-89EF-ABCD-0123456789A',
    '0123ABCD-4567-89EF-ABCD-0123456789ABC',
    '00123ABCD-4567-89EF-ABCD-0123456789AB',
    '0123ABCD4567-89EF-ABCD-0123456789AB',
    '0123ABCD-456-789EF-ABCD-0123456789AB',
    '{0123ABCD-4567-89EF-ABCD-0123456789AB}',
    ' 0123ABCD-4567-89EF-ABCD-0123456789AB',
    '0123ABCD-4567-89EF-ABCD-0123456789AB\n',
  ])('that is not a UUID stays as it is: %j', text => {
    expect([isUuid(text), canonicalId(text)]).toEqual([false, text])
  })
})

describe('a message quotes', () => {
  test.each([
    ['text', '"text"'],
    ['', '""'],
    ['a "quoted" \\ one', '"a \\"quoted\\" \\\\ one"'],
    ['line\nline', '"line\\nline"'],
    [7, '"7"'],
    [null, '"null"'],
    [undefined, '"undefined"'],
    [['created'], '"[\\"created\\"]"'],
    [{ a: 1 }, '"{\\"a\\":1}"'],
    ['\u202eright to left', '"?right to left"'],
    ['\ud800', '"\\ud800"'],
  ])('%j as %s', (input, shown) => {
    expect(quoted(input)).toBe(shown)
  })

  test('at most 80 characters, including escapes, and cuts no character or escape in two', () => {
    expect(quoted('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"`)
    expect(quoted('x'.repeat(81))).toBe(`"${'x'.repeat(80)}…"`)
    expect(quoted('x'.repeat(10_000))).toBe(`"${'x'.repeat(80)}…"`)
    expect(quoted(`${'x'.repeat(79)}"`)).toBe(`"${'x'.repeat(79)}…"`)
    expect(quoted(`${'x'.repeat(78)}"`)).toBe(`"${'x'.repeat(78)}\\""`)
    expect(quoted(`${'x'.repeat(79)}\u{1f600}`)).toBe(`"${'x'.repeat(79)}…"`)
    expect(quoted(`${'x'.repeat(78)}\u{1f600}`)).toBe(`"${'x'.repeat(78)}\u{1f600}"`)
  })

  test('the message of another error in one line of at most 80 characters', () => {
    expect(briefly('x'.repeat(80))).toBe('x'.repeat(80))
    expect(briefly('x'.repeat(81))).toBe(`${'x'.repeat(80)}…`)
    expect(briefly('one\ntwo')).toBe('one two')
  })

  test('text in one line, with a mark for each invisible character', () => {
    expect(oneLine('one \r\n\t two\rthree\n\nfour')).toBe('one two three four')
    expect(oneLine(' kept  as it is ')).toBe(' kept  as it is ')
    const hidden = ['\0', '\t', '\x1b', '\x1f', '\x7f', '\x80', '\x9f']
    const turning = ['\u2028', '\u2029', '\u202a', '\u202e', '\u2066', '\u2069']
    for (const char of [...hidden, ...turning]) expect(oneLine(`a${char}b`)).toBe('a?b')
    const seen = [' ', '!', '~', '\u00a0', '\u00e9', '\u2027', '\u202f', '\u2065', '\u206a']
    for (const char of seen) expect(oneLine(`a${char}b`)).toBe(`a${char}b`)
    expect(oneLine('half a pair \ud800')).toBe('half a pair \ufffd')
  })
})

test('an audit record has the first 256 characters of a text, or another number of them', () => {
  expect(cutShort('x'.repeat(256))).toBe('x'.repeat(256))
  expect(cutShort('x'.repeat(257))).toBe(`${'x'.repeat(256)}…`)
  expect([cutShort('abc', 3), cutShort('abcd', 3)]).toEqual(['abc', 'abc…'])
})

test('a UserError has a name, a code and a message', () => {
  const error = new UserError('FORBIDDEN', 'not this one')
  expect([String(error), error.code]).toEqual(['UserError: not this one', 'FORBIDDEN'])
  expect(error).toBeInstanceOf(Error)
})
