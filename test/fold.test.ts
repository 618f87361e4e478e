// Folding of names: spellings that people read as the same name become the same text. How names are sorted and found by
// it is tested in support/principals-contract.ts.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fold } from '../src/storage/fold.ts'

const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom(...'aÉßẞæŒøŁđıİΣσςоЙ-–’ \t\u0301\u0308\u00ad\u200d\ufb01'), {
      maxLength: 8,
    })
    .map(letters => letters.join('')),
)

test('a name folds to the same text in every Unicode form, and folding it again changes nothing', () => {
  fc.assert(
    fc.property(names, name => {
      const folded = fold(name)
      expect(fold(folded)).toBe(folded)
      for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
        expect(fold(name.normalize(form))).toBe(folded)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('upper and lower case of a letter fold to the same text, except for a few ancient letters', () => {
  const differing: string[] = []
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const letter = String.fromCodePoint(code)
    for (const same of [letter.toLowerCase(), letter.toUpperCase()]) {
      if (same !== letter && fold(same) !== fold(letter)) differing.push(letter)
    }
  }
  // The Greek iota subscript is an accent in lower case and a letter in upper case; some Old Church Slavonic letters
  // have no upper case of their own.
  expect(differing.filter(letter => !/[\u0345\u1f80-\u1fff\u1c80-\u1c88]/.test(letter))).toEqual([])
})

test('the folded text of a name contains the folded text of each part of the name', () => {
  fc.assert(
    fc.property(names, names, names, (before, part, after) => {
      // A combining mark belongs to the letter before it, so a part cannot begin or end between the two.
      fc.pre(
        !/^\p{Mark}/u.test(part.normalize('NFKD')) && !/^\p{Mark}/u.test(after.normalize('NFKD')),
      )
      expect(fold(before + part + after)).toContain(fold(part))
    }),
    { numRuns: 2_000 },
  )
})

test('a folded text contains no line break, which separates the texts of a search', () => {
  fc.assert(
    fc.property(names, names, (one, other) => {
      expect(fold(`${one}\n${other}`)).not.toContain('\n')
    }),
  )
})

test.each([
  ['Élodie', 'elodie'],
  ['  Jean\u00a0 Luc\t', 'jean luc'],
  ['STRASSE Straße STRAẞE', 'strasse strasse strasse'],
  ['Ærø Œuvre Þór Ðóra', 'aero oeuvre thor dora'],
  ['Łódź Đakovo ħ ŧ', 'lodz dakovo h t'],
  ['İstanbul ISTANBUL ıstanbul', 'istanbul istanbul istanbul'],
  ['ΟΔΥΣΣΕΎΣ Ὀδυσσεύς', 'οδυσσευσ οδυσσευσ'],
  ['O’Brien‐Smith – Q', "o'brien-smith - q"],
  ['Ｆｕｌｌ ﬁ ² Ⅳ', 'full fi 2 iv'],
  ['in\u00advisible\u200b \u2066Ada\u2069', 'invisible ada'],
  ['قُرْآن', 'قران'],
  ['हिन्दी สมชาย', 'हिनदी สมชาย'],
  ['東京 ガ', '東京 カ'],
  ['', ''],
])('%j folds to %j', (name, folded) => {
  expect(fold(name)).toBe(folded)
})
