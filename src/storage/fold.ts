// Names as people read and type them: what looks alike but for case, accents or the way it is encoded is one text here.
// Done before anything is written, so that both databases sort and find alike.

/** Marks that only change a letter, and what is not seen at all; vowels that are marks, as in Hindi and Thai, stay. */
const IGNORED = /[[\p{Diacritic}&&\p{Mark}]\p{Default_Ignorable_Code_Point}]/gv

/** Letters that Unicode does not take apart though people type them so, in lower case; apostrophes and hyphens. */
const PLAIN: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', þ: 'th', ð: 'd', đ: 'd', ħ: 'h', ı: 'i', ĸ: 'k' },
  ...{
    ł: 'l',
    ŋ: 'n',
    ŧ: 't',
    ƀ: 'b',
    ɓ: 'b',
    ɖ: 'd',
    ɗ: 'd',
    ɛ: 'e',
    ɨ: 'i',
    ƙ: 'k',
    ɔ: 'o',
    ɵ: 'o',
  },
  ...{ ʉ: 'u', ƴ: 'y', ƶ: 'z', ς: 'σ', ʹ: "'", ʻ: "'", ʼ: "'", '‘': "'", '’': "'", '′': "'" },
  ...{ '‐': '-', '‒': '-', '–': '-', '—': '-', '―': '-', '−': '-' },
}
const UNUSUAL = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g')

/** One text for all that people take for the same; whatever is part of a text, its folded form is part of the text's. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(IGNORED, '')
    .toLowerCase()
    .replace(UNUSUAL, letter => PLAIN[letter] ?? letter)
    .replace(/\s+/g, ' ')
    .trim()
}
