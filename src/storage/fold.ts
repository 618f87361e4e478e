// Normalizes names for searching and sorting: texts that differ only in case, accents or encoding become equal. Done
// before anything is written, so that both databases sort and search alike.

/** Marks that only modify a letter, and invisible characters; vowels that are marks, as in Hindi and Thai, stay. */
const IGNORED =
  /[[\p{Mark}&&[\p{Diacritic}\p{Script=Inherited}]]\p{Default_Ignorable_Code_Point}]/gv

/** Lower-case letters that people type differently and Unicode does not decompose; apostrophes and hyphens. */
const TYPED_AS = new Map(
  "ss:ß ae:æ oe:œ th:þ b:ƀɓ d:ðđɖɗ e:ɛ h:ħ i:ıɨ k:ĸƙ l:ł n:ŋ o:øɔɵ t:ŧ u:ʉ y:ƴ z:ƶ σ:ς ':ʹʻʼ‘’′ -:‐‒–—―−"
    .split(' ')
    .flatMap(line => {
      const [typed = '', letters = ''] = line.split(':')
      return [...letters].map(letter => [letter, typed] as const)
    }),
)
const UNUSUAL = new RegExp(`[${[...TYPED_AS.keys()].join('')}]`, 'g')

/**
 * The same result for texts that people consider equal. The folded form of a part of a text is part of its folded form.
 */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(IGNORED, '')
    .toLowerCase()
    .replace(UNUSUAL, letter => TYPED_AS.get(letter) ?? letter)
    .replace(/\s+/g, ' ')
    .trim()
}
