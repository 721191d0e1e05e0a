/** The languages of the console. A text in one and not in the other does not compile. */
export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]

/** A short text in every language, for what is needed before a module's texts are loaded. */
export type Label = Record<Locale, string>

const KEY = 'zg.locale'

export function isLocale(value: unknown): value is Locale {
  return LOCALES.some(locale => locale === value)
}

/** What was chosen on this machine, else what the browser asks for. */
export function firstLocale(): Locale {
  const chosen = localStorage.getItem(KEY)
  if (isLocale(chosen)) return chosen
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

export function hasChosenLocale(): boolean {
  return isLocale(localStorage.getItem(KEY))
}

export function rememberLocale(locale: Locale): void {
  localStorage.setItem(KEY, locale)
}
