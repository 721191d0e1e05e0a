import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, unwrap, unwrapVersioned, useMay } from '@/api'
import { Badge, Card, DetailPage, Facts, Form, Loaded, PathLink, Time, useForm, useRouteId } from '@/ui'
import { Addresses } from './addresses'
import { Duplicates } from './duplicates'
import { Erase } from './erase'
import { Notes } from './notes'
import { Business } from './orders'
import { type Profile, ProfileFields } from './profile'
import { type Customer, customerQuery, useAgain } from './queries'
import { useT } from './texts'

/** A customer: profile, addresses, notes, orders, and who may be the same person (M7.1). */
export default function CustomerPage() {
  const id = useRouteId()
  const customer = useQuery(customerQuery(id))
  return <Loaded of={customer}>{({ body, etag }) => <Detail key={id} row={body} etag={etag} />}</Loaded>
}

function profileOf(row: Customer): Profile {
  return {
    code: row.code,
    name: row.name,
    email: row.email ?? '',
    phone: row.phone ?? '',
    segment: row.segment ?? '',
    locale: row.locale === 'en' ? 'en' : 'zh-CN',
    tags: row.tags,
    marketing: Boolean(row.marketing_at),
  }
}

function Detail({ row, etag }: { row: Customer; etag: string }) {
  const t = useT()
  const may = useMay()
  const again = useAgain()
  const writable = row.state === 'active' && may('customers.write')
  const form = useForm({
    name: `customer/${row.id}`,
    source: row,
    etag,
    values: useCallback(profileOf, []),
    save: async ({ values, etag: seen }) => {
      const { locale, ...rest } = values
      await unwrap(
        api.PATCH('/api/v1/admin/customers/{id}', {
          params: { path: { id: row.id }, header: { 'If-Match': seen ?? '' } },
          body: { ...rest, tags: [...values.tags], ...(locale ? { locale } : {}) },
        }),
      )
      await again()
    },
    fresh: async () => {
      const { body, etag: now } = await unwrapVersioned(
        api.GET('/api/v1/admin/customers/{id}', { params: { path: { id: row.id } } }),
      )
      return { source: body, etag: now }
    },
  })
  return (
    <DetailPage
      title={row.name || row.code}
      list={{ name: 'customers', path: '/customers', title: t('title') }}
      badges={
        <>
          {row.state === 'active' ? null : <Badge tone="neutral">{t(`state.${row.state}`)}</Badge>}
          {row.has_account ? <Badge tone="busy">{t('account.yes')}</Badge> : null}
        </>
      }
      more={<Erase row={row} etag={etag} />}
      notice={
        row.merged_into ? (
          <div className="zg-note" role="status">
            {t('mergedInto')} <PathLink to={`/customers/${row.merged_into}`}>{t('mergedInto.open')}</PathLink>
          </div>
        ) : null
      }
      side={
        <>
          <Card title={t('facts')}>
            <Facts
              of={[
                [t('code'), row.code],
                [t('since'), <Time key="s" at={row.created_at} exact="minute" />],
                [t('account'), t(row.has_account ? 'account.yes' : 'account.no')],
                row.merged.length > 0 ? [t('merged'), row.merged.map(one => one.code).join(t('comma'))] : undefined,
              ]}
            />
          </Card>
          {row.state === 'erased' ? null : (
            <>
              <Addresses row={row} writable={writable} />
              <Notes row={row} writable={writable} />
            </>
          )}
        </>
      }
    >
      {writable ? <Duplicates row={row} /> : null}
      <Business row={row} />
      {row.state === 'erased' ? null : (
        <Form
          form={form}
          labels={{
            code: t('code'),
            name: t('name'),
            email: t('email'),
            phone: t('phone'),
            segment: t('segment'),
            locale: t('locale'),
            tags: t('tags'),
            marketing: t('marketing'),
          }}
        >
          <Card title={t('profile')}>
            <ProfileFields of={form.field} disabled={!writable} />
          </Card>
        </Form>
      )}
    </DetailPage>
  )
}
