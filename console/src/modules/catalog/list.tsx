import './catalog.css'
import { PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useMemo } from 'react'
import { api, unwrap, useMay } from '@/api'
import { useLabel, useName } from '@/i18n'
import {
  type Column,
  Empty,
  enumFilter,
  Money,
  Page,
  PathLink,
  Quantity,
  ResourceTable,
  SkuCode,
  StateBadge,
  Time,
  useGo,
} from '@/ui'
import { categoriesQuery, categoryOptions, type ProductRow, productKeys } from './queries'
import { PRODUCT_STATES } from './states'
import { useT } from './texts'
import { Thumb } from './thumb'

/** Products (M2.1). */
export default function Products() {
  const t = useT()
  const go = useGo()
  const may = useMay()
  const label = useLabel()
  const nameOf = useName()
  const tree = useQuery(categoriesQuery).data
  const categories = useMemo(() => categoryOptions(tree ?? [], nameOf), [tree, nameOf])
  const columns = useMemo<readonly Column<ProductRow>[]>(() => {
    const names = new Map(categories.map(each => [each.value, each.label]))
    return [
      {
        id: 'name',
        title: t('product.name'),
        width: 320,
        cell: row => (
          <span className="zg-with-thumb">
            <Thumb src={row.picture} />
            <span>{nameOf(row.name) || row.code}</span>
          </span>
        ),
      },
      { id: 'code', title: t('product.code'), sort: ['code'], cell: row => <SkuCode code={row.code} /> },
      { id: 'status', title: t('product.status'), cell: row => <StateBadge state={row.status} of={PRODUCT_STATES} /> },
      { id: 'price', title: t('product.priceFrom'), align: 'right', cell: row => <Money value={row.price} /> },
      { id: 'skus', title: t('product.skus'), align: 'right', cell: row => <Quantity value={row.skus} /> },
      {
        id: 'available',
        title: t('product.available'),
        align: 'right',
        cell: row => (
          <span data-short={row.available <= 0} className="zg-stock">
            <Quantity value={row.available} />
          </span>
        ),
      },
      {
        id: 'category',
        title: t('product.category'),
        cell: row => names.get(String(row.primary_category_id)) ?? <span className="zg-quiet">—</span>,
      },
      { id: 'updated', title: t('product.updated'), sort: ['-updated_at'], cell: row => <Time at={row.updated_at} /> },
    ]
  }, [t, nameOf, categories])
  const filters = useMemo(
    () => [
      enumFilter(
        'status',
        t('product.status'),
        Object.entries(PRODUCT_STATES).map(([value, look]) => ({ value, label: label(look.label) })),
        true,
      ),
      enumFilter('category_id', t('product.category'), categories, true),
    ],
    [t, label, categories],
  )
  const create = may('products.write') ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => go('/products/new')}>
      {t('product.new')}
    </Button>
  ) : null
  return (
    <Page title={t('product.title')} actions={create}>
      <ResourceTable
        name="products"
        columns={columns}
        filters={filters}
        queryKey={productKeys.lists}
        load={({ category_id, sort, ...query }, signal) =>
          unwrap(
            api.GET('/api/v1/admin/products', {
              params: {
                query: {
                  ...query,
                  ...(sort === 'code' || sort === '-updated_at' ? { sort } : {}),
                  ...(category_id ? { category_id: Number(category_id) } : {}),
                },
              },
              signal,
            }),
          )
        }
        rowId={row => row.id}
        link={linkOf}
        sort="-updated_at"
        searchHint={t('product.searchHint')}
        live="catalog.read"
        views={[
          { name: t('product.viewPublished'), search: { status: 'published' } },
          { name: t('product.viewDrafts'), search: { status: 'draft' } },
        ]}
        empty={
          <Empty
            title={t('product.empty')}
            action={
              <span className="zg-row">
                {create}
                {may('imports.write') ? (
                  <PathLink to="/imports/new?kind=products">{t('product.import')}</PathLink>
                ) : null}
              </span>
            }
          >
            {t('product.emptyHelp')}
          </Empty>
        }
      />
    </Page>
  )
}

const linkOf = (row: ProductRow) => `/products/${row.id}`
