// English and French. The words of a part stand beside it, both languages at once, so that one without the other
// does not compile.

import { effect } from '@preact/signals'
import { kept } from './kept.ts'

export const LANGUAGES = ['en', 'fr'] as const

type Language = (typeof LANGUAGES)[number]

/** The viewer's choice; until there is one, the first of the browser's languages that is here, or English. */
export const language = kept<Language>('language', LANGUAGES, fromBrowser())

effect(() => {
  document.documentElement.lang = language.value
})

/** The words in the language of now: to be called where they are shown, so that they follow it. */
export function bilingual<Words>(en: Words, fr: NoInfer<Words>): () => Words {
  return () => (language.value === 'fr' ? fr : en)
}

/** The language as it is written where the viewer is, for numbers and dates: `en-GB` tells the day before the month. */
export function locale(): string {
  const { value } = language
  return LOCALES.find(name => name.slice(0, 2).toLowerCase() === value) ?? value
}

/** Some browsers name what is no locale, such as `en-US@posix`. */
const LOCALES = navigator.languages.filter(name => isUnderstood(() => new Intl.Locale(name)))

/** Whether Intl takes it, which throws at what it does not know. */
export function isUnderstood(make: () => unknown): boolean {
  try {
    make()
    return true
  } catch {
    return false
  }
}

/** A whole number, as the language writes it. */
export function number(value: number): string {
  return value.toLocaleString(locale())
}

/** Which of the two forms a number takes: in French, none is one. */
export function plural(count: number, one: string, many: string): string {
  return new Intl.PluralRules(language.value).select(count) === 'one' ? one : many
}

function fromBrowser(): Language {
  const known = navigator.languages.map(name => name.slice(0, 2).toLowerCase())
  return known.find(name => name === 'en' || name === 'fr') ?? 'en'
}
