// Names as people read and type them: what stands for the same name is one text, whatever it is made of. How names are
// sorted and found by it, support/principals-contract.ts tells.

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

test('Unicode form, and what was folded before, makes no difference', () => {
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

test('case makes no difference to a letter of any script but a few of ancient ones', () => {
  const differing: string[] = []
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const letter = String.fromCodePoint(code)
    for (const same of [letter.toLowerCase(), letter.toUpperCase()]) {
      if (same !== letter && fold(same) !== fold(letter)) differing.push(letter)
    }
  }
  // A subscript iota of Greek is an accent, in capitals a letter; some letters of old Church Slavonic are of one case.
  expect(differing.filter(letter => !/[\u0345\u1f80-\u1fff\u1c80-\u1c88]/.test(letter))).toEqual([])
})

test('a part of a name is a part of the name as it is folded', () => {
  fc.assert(
    fc.property(names, names, names, (before, part, behind) => {
      // A mark belongs to the letter before it, and is no part without it.
      fc.pre(
        !/^\p{Mark}/u.test(part.normalize('NFKD')) && !/^\p{Mark}/u.test(behind.normalize('NFKD')),
      )
      expect(fold(before + part + behind)).toContain(fold(part))
    }),
    { numRuns: 2_000 },
  )
})

test('the text that stands between what is searched is in none of it', () => {
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
])('%j is %j', (name, folded) => {
  expect(fold(name)).toBe(folded)
})
