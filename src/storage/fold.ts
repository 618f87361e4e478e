// Names as people read and type them: what looks alike but for case, accents or the way it is encoded is one text here.
// Done before anything is written, so that both databases sort and find alike.

/** Marks that only change a letter, and what is not seen at all; vowels that are marks, as in Hindi and Thai, stay. */
const IGNORED =
  /[[\p{Mark}&&[\p{Diacritic}\p{Script=Inherited}]]\p{Default_Ignorable_Code_Point}]/gv

/** In lower case, letters that Unicode does not take apart though people type them so; apostrophes and hyphens. */
const TYPED_AS = new Map(
  "ss:ß ae:æ oe:œ th:þ b:ƀɓ d:ðđɖɗ e:ɛ h:ħ i:ıɨ k:ĸƙ l:ł n:ŋ o:øɔɵ t:ŧ u:ʉ y:ƴ z:ƶ σ:ς ':ʹʻʼ‘’′ -:‐‒–—―−"
    .split(' ')
    .flatMap(line => {
      const [typed = '', letters = ''] = line.split(':')
      return [...letters].map(letter => [letter, typed] as const)
    }),
)
const UNUSUAL = new RegExp(`[${[...TYPED_AS.keys()].join('')}]`, 'g')

/** One text for all that people take for the same; whatever is part of a text, its folded form is part of the text's. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(IGNORED, '')
    .toLowerCase()
    .replace(UNUSUAL, letter => TYPED_AS.get(letter) ?? letter)
    .replace(/\s+/g, ' ')
    .trim()
}
