import './pick.css'
import { PrinterOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Progress } from 'antd'
import { api, sends, unwrap, useMay } from '@/api'
import {
  Action,
  Badge,
  Card,
  DetailPage,
  Facts,
  Loaded,
  None,
  PathLink,
  PlainTable,
  Quantity,
  SkuCode,
  StateBadge,
  Time,
  useRouteId,
} from '@/ui'
import { warehousesQuery } from '../queries'
import { PICK_STATES } from './pick-lists'
import { Pieces } from './pieces'
import { type PickList, type PickSku, pickQuery, useAgain } from './queries'
import { type Picking, Scan, usePicking } from './scan'
import { useT } from './texts'

/** A pick list: what to take from which shelf, and for whom (M5.8). */
export default function PickListPage() {
  const id = useRouteId()
  const found = useQuery(pickQuery(id))
  return <Loaded of={found}>{row => <Detail key={id} row={row} />}</Loaded>
}

function Detail({ row }: { row: PickList }) {
  const t = useT()
  const may = useMay()
  const picking = usePicking(row.id)
  const warehouse = useQuery({ ...warehousesQuery, enabled: may('stock.read') }).data?.find(
    each => each.id === row.warehouse_id,
  )
  const writable = row.state === 'open' && may('picking.write')
  const shelves = row.skus.some(sku => sku.bin)
  return (
    <DetailPage
      title={<span className="zg-num">{row.number}</span>}
      windowTitle={row.number}
      list={{ name: 'pick-lists', path: '/pick-lists', title: t('picks') }}
      badges={<StateBadge state={row.state} of={PICK_STATES} />}
      primary={writable ? <Finish row={row} /> : null}
      more={
        <>
          <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
            {t('print')}
          </Button>
          {writable ? <Cancel row={row} /> : null}
        </>
      }
      side={
        <Card title={t('progress')}>
          <Progress
            className="zg-pick-progress"
            percent={row.pieces === 0 ? 0 : Math.floor(((row.picked + row.short) * 100) / row.pieces)}
            format={() => `${row.picked} / ${row.pieces}`}
            aria-label={t('progress')}
          />
          <Facts
            of={[
              [t('short'), <Quantity key="s" value={row.short} />],
              [t('orders'), <Quantity key="o" value={row.orders} />],
              [t('warehouse'), warehouse?.name ?? row.warehouse],
              [t('by'), row.created_by],
              [t('made'), <Time key="m" at={row.created_at} exact />],
            ]}
          />
        </Card>
      }
    >
      {writable ? (
        <div className="zg-screen">
          <Scan picking={picking} />
        </div>
      ) : null}
      <Card title={shelves ? t('byShelf') : t('byProduct')}>
        <PlainTable label={shelves ? t('byShelf') : t('byProduct')} stack>
          <thead>
            <tr>
              {shelves ? <th scope="col">{t('bin')}</th> : null}
              <th scope="col">{t('product')}</th>
              <th scope="col" data-align="right">
                {t('pieces')}
              </th>
              <th scope="col" data-align="right">
                {t('picked')}
              </th>
              <th scope="col" data-align="right">
                {t('short')}
              </th>
              {writable ? <th aria-label={t('byHand')} /> : null}
            </tr>
          </thead>
          <tbody>
            {row.skus.map(sku => (
              <Shelf key={sku.sku_id} sku={sku} shelves={shelves} picking={writable ? picking : undefined} />
            ))}
          </tbody>
        </PlainTable>
      </Card>
      <Card title={t('byOrder')}>
        <ul className="zg-by-order">
          {row.by_order.map(order => (
            <li key={order.order_id}>
              <span>
                <PathLink to={`/orders/${order.order_id}`}>{order.order_number}</PathLink>
                <div className="zg-quiet">{order.contact_name}</div>
              </span>
              <Pieces of={order.lines} />
              {writable && order.open ? <TakeOff id={row.id} order={order} /> : <span />}
            </li>
          ))}
        </ul>
      </Card>
    </DetailPage>
  )
}

/** One SKU to take; without a scanner its buttons do the same. */
function Shelf({ sku, shelves, picking }: { sku: PickSku; shelves: boolean; picking: Picking | undefined }) {
  const t = useT()
  const open = sku.quantity - sku.picked - sku.short
  const left = sku.quantity - sku.picked
  const send = (way: 'pick' | 'unpick' | 'short', quantity: number) => void picking?.send(way, sku.sku, quantity)
  return (
    <tr data-done={open === 0} data-now={picking?.last?.sku_id === sku.sku_id}>
      {shelves ? (
        <td className="zg-num" data-label={t('bin')}>
          {sku.bin ?? <None />}
        </td>
      ) : null}
      <td data-wide>
        <div className="zg-pick-what">
          {sku.picture ? <img src={sku.picture} alt="" width={40} height={40} loading="lazy" /> : null}
          <div>
            {sku.name}
            {sku.options ? <span className="zg-quiet"> · {sku.options}</span> : null}
            <div>
              <SkuCode code={sku.sku} />
            </div>
          </div>
        </div>
      </td>
      <td data-align="right" data-label={t('pieces')}>
        <Quantity value={sku.quantity} />
      </td>
      <td data-align="right" data-label={t('picked')}>
        {sku.picked === sku.quantity ? <Badge tone="good">{sku.picked}</Badge> : <Quantity value={sku.picked} />}
      </td>
      <td data-align="right" data-label={t('short')}>
        {sku.short > 0 ? <Badge tone="bad">{sku.short}</Badge> : <None />}
      </td>
      {picking ? (
        <td data-align="right" data-wide>
          <span className="zg-pick-do">
            {left > 0 ? (
              <Button size="small" onClick={() => send('pick', left)}>
                {t('row.pick', { count: left })}
              </Button>
            ) : null}
            {open > 0 ? (
              <Button size="small" onClick={() => send('short', open)}>
                {t('row.short', { count: open })}
              </Button>
            ) : null}
            {sku.picked > 0 ? (
              <Button size="small" onClick={() => send('unpick', 1)}>
                {t('row.unpick')}
              </Button>
            ) : null}
          </span>
        </td>
      ) : null}
    </tr>
  )
}

function Finish({ row }: { row: PickList }) {
  const t = useT()
  const again = useAgain()
  return (
    <Action
      name="finish"
      label={t('finish')}
      primary
      hotkey="f"
      title={t('finish.title', { number: row.number })}
      consequences={t('finish.help')}
      initial={{ rest_is_short: true }}
      run={async ({ key, body }) => {
        await unwrap(
          api.POST('/api/v1/admin/pick-lists/{id}/finish', {
            params: { path: { id: row.id } },
            headers: sends({ key }),
            body,
          }),
        )
        await again()
      }}
      done={t('finish.done')}
    />
  )
}

function Cancel({ row }: { row: PickList }) {
  const t = useT()
  const again = useAgain()
  return (
    <Action
      name="cancel"
      label={t('cancel')}
      danger
      title={t('cancel.title', { number: row.number })}
      consequences={t('cancel.help')}
      initial={{}}
      run={async ({ key }) => {
        await unwrap(
          api.POST('/api/v1/admin/pick-lists/{id}/cancel', {
            params: { path: { id: row.id } },
            headers: sends({ key }),
          }),
        )
        await again()
      }}
      done={t('cancel.done')}
    />
  )
}

function TakeOff({ id, order }: { id: number; order: PickList['by_order'][number] }) {
  const t = useT()
  const again = useAgain()
  return (
    <Action
      name={`off.${order.order_id}`}
      label={t('off')}
      size="small"
      title={t('off.title', { number: order.order_number })}
      initial={{}}
      run={async () => {
        await unwrap(
          api.DELETE('/api/v1/admin/pick-lists/{id}/orders/{order_id}', {
            params: { path: { id, order_id: order.order_id } },
          }),
        )
        await again()
      }}
      done={t('off.done')}
    />
  )
}
