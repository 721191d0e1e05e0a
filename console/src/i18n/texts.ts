import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { i18n } from './instance'
import type { Locale } from './locale'

/** Flat: `'cancel.confirm': 'Cancel order {{number}}'`. */
export type Texts = Readonly<Record<string, string>>

type PluralForm = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other'

/** `items_one` and `items_other` are one text, `items`. */
export type Base<K> = K extends `${infer B}_${PluralForm}` ? B : K

/** The names between double braces. */
export type Holes<S> = S extends `${string}{{${infer P}}}${infer R}` ? P | Holes<R> : never

type Of<Z extends Texts, K extends string> = {
  [Full in keyof Z]: Base<Full> extends K ? (K extends Base<Full> ? Z[Full] : never) : never
}[keyof Z]

type Params<Z extends Texts, K extends string> = { [P in Holes<Of<Z, K>>]: string | number }

type Args<Z extends Texts, K extends string> = [Holes<Of<Z, K>>] extends [never]
  ? [params?: Record<string, string | number>]
  : [params: Params<Z, K>]

/** Says a text in the present language; the key and what it needs are checked. */
export type Say<Z extends Texts> = <K extends Base<keyof Z & string>>(key: K, ...args: Args<Z, K>) => string

type Missing<A, B> = Exclude<Base<keyof A>, Base<keyof B>>

/** An error that names the missing keys, if there are any. */
type Complete<Z, E> = [Missing<Z, E> | Missing<E, Z>] extends [never]
  ? unknown
  : { missing: Missing<Z, E> | Missing<E, Z> }

/**
 * Registers a part's texts and gives the hook that says them.
 *
 * Keys must be the same in both languages (plural forms apart): else the build fails.
 */
export function defineTexts<const Z extends Texts, const E extends Texts>(
  name: string,
  texts: { 'zh-CN': Z; en: E } & Complete<Z, E>,
): { useT: () => Say<Z>; say: Say<Z> } {
  const all: Record<Locale, Texts> = { 'zh-CN': texts['zh-CN'], en: texts.en }
  for (const [locale, bundle] of Object.entries(all)) {
    i18n.addResourceBundle(locale, name, bundle, true, true)
  }
  const say: Say<Z> = (key, ...args) => plain(i18n.t, key, { ...args[0], ns: name })
  // biome-ignore lint/correctness/noComponentHookFactories: called once a file, at its top
  const useT = (): Say<Z> => {
    const { t } = useTranslation(name)
    return useCallback<Say<Z>>((key, ...args) => plain(t, key, { ...args[0], ns: name }), [t])
  }
  return { useT, say }
}

/** The keys are checked above; i18next need not work them out a second time. */
type Plain = (key: string, options: Record<string, string | number>) => string

function plain(translate: Plain, key: string, options: Record<string, string | number>): string {
  return translate(key, options)
}
