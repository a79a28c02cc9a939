/** English and Korean; the person's choice wins, then the browser's. Every feature brings its own texts. */
import { createI18n } from 'vue-i18n'

export const LOCALES = ['en', 'ko'] as const
export type Locale = (typeof LOCALES)[number]
export interface Messages {
  [key: string]: string | Messages
}

const files = import.meta.glob<Messages>('../**/locales/*.json', { eager: true, import: 'default' })

/** The texts of one language, put together from all features. */
export function collectMessages(locale: Locale): Messages {
  const own = Object.entries(files).filter(([path]) => path.endsWith(`/${locale}.json`))
  return Object.assign({}, ...own.map(([, messages]) => messages)) as Messages
}

export function preferredLocale(languages: readonly string[]): Locale {
  const first = languages.find((language) => /^(ko|en)\b/.test(language))
  return first?.startsWith('ko') ? 'ko' : 'en'
}

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en: collectMessages('en'), ko: collectMessages('ko') },
})
