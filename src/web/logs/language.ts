// English and French. The texts of each part are in a file beside it, each in both languages, so that a missing
// translation does not compile.

import { effect } from '@preact/signals'
import { attempt, kept } from './kept.ts'

export const LANGUAGES = { en: 'English', fr: 'Français' }

type Language = keyof typeof LANGUAGES

/** The viewer's choice; without one, the first supported language of the browser, or English. */
export const language = kept<Language>('language', ['en', 'fr'], fromBrowser())

effect(() => {
  document.documentElement.lang = language.value
})

/** The texts in the current language; `make` gives each in English and French. A text is read where it is shown. */
export function bilingual<Words extends object>(
  make: (say: (en: string, fr: string) => string) => Words,
): Words {
  const words = { en: make(en => en), fr: make((_, fr) => fr) }
  return new Proxy(words.en, { get: (_, name) => Reflect.get(words[language.value], name) })
}

/** The viewer's regional form of the language, for numbers and dates: `en-GB` writes the day before the month. */
export function locale(): string {
  const { value } = language
  return LOCALES.find(name => name.slice(0, 2).toLowerCase() === value) ?? value
}

/** Some browsers list names that are not valid locales, such as `en-US@posix`. */
const LOCALES = navigator.languages.filter(name => attempt(() => new Intl.Locale(name)))

/** An integer, formatted for the language. */
export function number(value: number): string {
  return value.toLocaleString(locale())
}

/** The number with its noun, in the singular or plural: in French, zero takes the singular. */
export function counted(count: number, one: string, many: string): string {
  const form = new Intl.PluralRules(language.value).select(count) === 'one' ? one : many
  return `${number(count)} ${form}`
}

function fromBrowser(): Language {
  const known = navigator.languages.map(name => name.slice(0, 2).toLowerCase())
  return known.find(name => name === 'en' || name === 'fr') ?? 'en'
}
