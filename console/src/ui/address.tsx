import { useLocale } from '@/i18n'

type PostalAddress = {
  readonly name?: string | undefined
  readonly phone?: string | undefined
  readonly country: string
  readonly province?: string | undefined
  readonly city?: string | undefined
  readonly district?: string | undefined
  readonly street?: string | undefined
  readonly postal_code?: string | undefined
}

/** Where Chinese addresses are written from the large to the small. */
const FROM_LARGE: readonly string[] = ['CN', 'HK', 'MO', 'TW']

/** An address as its country writes it, one part a line. */
export function addressLines(of: PostalAddress, country: string): string[] {
  const large = FROM_LARGE.includes(of.country)
  const region = large ? [of.province, of.city, of.district] : [of.district, of.city, of.province]
  // A municipality stands for its own province: 北京市 北京市 is said once.
  const said = region.filter((part, at): part is string => Boolean(part) && region.indexOf(part) === at)
  const place = said.join(large ? ' ' : ', ')
  const lines = large ? [place, of.street ?? ''] : [of.street ?? '', place]
  return [...lines, [of.postal_code, country].filter(Boolean).join(' ')].filter(line => line !== '')
}

/** Who receives where. */
export function Address({ of }: { of: PostalAddress }) {
  const locale = useLocale()
  const country = new Intl.DisplayNames(locale, { type: 'region' }).of(of.country) ?? of.country
  return (
    <address className="zg-address">
      <div>
        {of.name} <span className="zg-num">{of.phone}</span>
      </div>
      {addressLines(of, country).map(line => (
        <div key={line}>{line}</div>
      ))}
    </address>
  )
}
