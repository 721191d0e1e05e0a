import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Cascader } from 'antd'
import { useEffect, useState } from 'react'
import { useLocale } from '@/i18n'
import { type RegionView, regionsQuery } from './shipping-queries'

/** A place chosen, from the country down: codes, and names as addresses write them. */
export type Place = { readonly codes: readonly string[]; readonly names: readonly string[] }

type Option = { value: string; label: string; name: string; isLeaf: boolean; children?: Option[] }

type Props = { id?: string; label: string; value: readonly string[]; change: (place: Place) => void; width?: number }

/** Country, province, city, district: a level is asked for when it is opened. */
export function RegionPicker({ id, label, value, change, width }: Props) {
  const locale = useLocale()
  const client = useQueryClient()
  const countries = useQuery(regionsQuery(undefined)).data
  const [options, setOptions] = useState<Option[]>([])
  useEffect(() => {
    if (countries) setOptions(countries.map(region => optionOf(region, locale)))
  }, [countries, locale])
  const open = async (path: readonly string[]) => {
    const last = path[path.length - 1]
    if (last === undefined) return
    const below = await client.ensureQueryData(regionsQuery(last))
    setOptions(before =>
      grown(
        before,
        path,
        below.map(region => optionOf(region, locale)),
      ),
    )
  }
  return (
    <Cascader<Option>
      {...(id === undefined ? {} : { id })}
      aria-label={label}
      style={{ width: width ?? '100%', maxWidth: '100%' }}
      placeholder={label}
      options={options}
      value={[...value]}
      changeOnSelect
      showSearch={false}
      loadData={path => void open(path.map(each => each.value))}
      onChange={(codes, path) => change({ codes: codes?.map(String) ?? [], names: path?.map(each => each.name) ?? [] })}
    />
  )
}

function optionOf(region: RegionView, locale: string): Option {
  return {
    value: region.code,
    label: locale === 'en' ? (region.name_en ?? region.name) : region.name,
    name: region.name,
    isLeaf: !region.has_children,
  }
}

function grown(options: readonly Option[], path: readonly string[], children: Option[]): Option[] {
  const [first, ...rest] = path
  return options.map(option => {
    if (option.value !== first) return option
    return { ...option, children: rest.length === 0 ? children : grown(option.children ?? [], rest, children) }
  })
}
