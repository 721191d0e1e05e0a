import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { i18n } from './instance'
import { isLocale, type Label, type Locale, rememberLocale } from './locale'

export { hasChosenLocale, isLocale, type Label, LOCALES, type Locale } from './locale'
export { defineTexts, type Say } from './texts'

/** The present language, outside React. */
export function currentLocale(): Locale {
  return isLocale(i18n.language) ? i18n.language : 'zh-CN'
}

/** The present language; the component is drawn anew when it changes. */
export function useLocale(): Locale {
  const { i18n: live } = useTranslation()
  return isLocale(live.language) ? live.language : 'zh-CN'
}

/** Picks a label's text in the present language. */
export function useLabel(): (label: Label) => string {
  const locale = useLocale()
  return label => label[locale]
}

/** A name as the API's admin views give it, `{"zh-CN": …, "en": …}`, with the other language as fallback. */
export function useName(): (name: { readonly [tag: string]: string } | null | undefined) => string {
  const locale = useLocale()
  return name => name?.[locale] || Object.values(name ?? {}).find(text => text !== '') || ''
}

/** Lists things in a sentence: 甲、乙和丙; a, b, and c. */
export function useList(): (things: readonly string[]) => string {
  const locale = useLocale()
  return useCallback(things => new Intl.ListFormat(locale, { type: 'conjunction' }).format(things), [locale])
}

export async function setLocale(locale: Locale, remember = true): Promise<void> {
  if (remember) rememberLocale(locale)
  document.documentElement.lang = locale
  await i18n.changeLanguage(locale)
}
