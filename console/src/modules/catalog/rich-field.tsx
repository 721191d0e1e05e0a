import { lazy, Suspense, useState } from 'react'
import { LOCALES, type Locale, useLocale } from '@/i18n'
import { type Field, FieldBox } from '@/ui'

const Editor = lazy(() => import('./rich-editor'))
const NAMES = { 'zh-CN': '中', en: 'EN' } satisfies Record<Locale, string>

type Props = { of: Field<Readonly<Record<string, string>>>; label: string; help?: string; disabled?: boolean }

/** A formatted text in several languages, as HTML; the server takes out what is not allowed. */
export function RichField({ of, label, help, disabled = false }: Props) {
  const [locale, setLocale] = useState<Locale>(useLocale())
  return (
    <FieldBox
      of={of}
      label={label}
      help={help}
      extra={
        <span className="zg-tabs-mini">
          {LOCALES.map(tag => (
            <button
              key={tag}
              type="button"
              className="zg-plain"
              aria-pressed={tag === locale}
              lang={tag}
              onClick={() => setLocale(tag)}
            >
              {NAMES[tag]}
              {of.value[tag] ? '' : ' ·'}
            </button>
          ))}
        </span>
      }
    >
      {({ id }) => (
        <Suspense fallback={<div className="zg-bone" style={{ height: 190 }} />}>
          <Editor
            key={locale}
            id={id}
            lang={locale}
            label={label}
            disabled={disabled}
            value={of.value[locale] ?? ''}
            change={html => of.update(before => ({ ...before, [locale]: html }))}
          />
        </Suspense>
      )}
    </FieldBox>
  )
}
