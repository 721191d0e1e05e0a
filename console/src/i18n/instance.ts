import { createInstance } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { firstLocale, LOCALES } from './locale'

export const i18n = createInstance()

void i18n.use(initReactI18next).init({
  lng: firstLocale(),
  supportedLngs: [...LOCALES],
  load: 'currentOnly',
  fallbackLng: false,
  resources: {},
  initAsync: false,
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false },
  react: { useSuspense: false },
})
