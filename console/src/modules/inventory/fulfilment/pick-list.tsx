import './pick.css'
import { PrinterOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { api, sends, unwrap, useMay } from '@/api'
import {
  Action,
  Badge,
  Card,
  DetailPage,
  Facts,
  Loaded,
  PathLink,
  Quantity,
  SkuCode,
  StateBadge,
  Time,
  useRouteId,
} from '@/ui'
import { PICK_STATES } from './pick-lists'
import { type PickList, type PickSku, pickQuery, useAgain } from './queries'
import { Scan } from './scan'
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
  const writable = row.state === 'open' && may('picking.write')
  return (
    <DetailPage
      title={<span className="zg-num">{row.number}</span>}
      windowTitle={row.number}
      list={{ name: 'pick-lists', path: '/pick-lists', title: t('picks') }}
      badges={<StateBadge state={row.state} of={PICK_STATES} />}
      primary={writable ? <Finish row={row} /> : null}
      more={writable ? <Cancel row={row} /> : null}
      side={
        <Card title={t('progress')}>
          <Facts
            of={[
              [t('pieces'), <Quantity key="p" value={row.pieces} />],
              [t('picked'), <Quantity key="d" value={row.picked} />],
              [t('short'), <Quantity key="s" value={row.short} />],
              [t('orders'), <Quantity key="o" value={row.orders} />],
              [t('warehouse'), row.warehouse],
              [t('by'), row.created_by],
              [t('made'), <Time key="m" at={row.created_at} exact />],
            ]}
          />
          <Button icon={<PrinterOutlined />} onClick={() => window.print()} style={{ marginTop: 12 }}>
            {t('print')}
          </Button>
        </Card>
      }
    >
      {writable ? <Scan id={row.id} /> : null}
      <Card title={t('byShelf')}>
        <section
          className="zg-table-scroll"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
          tabIndex={0}
          aria-label={t('byShelf')}
        >
          <table className="zg-table" data-density="roomy">
            <thead>
              <tr>
                <th scope="col">{t('bin')}</th>
                <th scope="col">{t('product')}</th>
                <th scope="col">{t('sku')}</th>
                <th scope="col" data-align="right">
                  {t('pieces')}
                </th>
                <th scope="col" data-align="right">
                  {t('picked')}
                </th>
                <th scope="col" data-align="right">
                  {t('short')}
                </th>
              </tr>
            </thead>
            <tbody>
              {row.skus.map(sku => (
                <Shelf key={sku.sku_id} sku={sku} />
              ))}
            </tbody>
          </table>
        </section>
      </Card>
      <Card title={t('byOrder')}>
        <ul className="zg-rows">
          {row.by_order.map(order => (
            <li key={order.order_id}>
              <PathLink to={`/orders/${order.order_id}`}>{order.order_number}</PathLink>
              <span>{order.contact_name}</span>
              <span className="zg-quiet">{order.lines.map(line => `${line.sku} × ${line.quantity}`).join('，')}</span>
              {writable && order.open ? <TakeOff id={row.id} order={order} /> : null}
            </li>
          ))}
        </ul>
      </Card>
    </DetailPage>
  )
}

function Shelf({ sku }: { sku: PickSku }) {
  const open = sku.quantity - sku.picked - sku.short
  return (
    <tr data-done={open === 0}>
      <td className="zg-num">{sku.bin ?? '—'}</td>
      <td>
        {sku.name}
        {sku.options ? <span className="zg-quiet"> · {sku.options}</span> : null}
      </td>
      <td>
        <SkuCode code={sku.sku} />
      </td>
      <td data-align="right">
        <Quantity value={sku.quantity} />
      </td>
      <td data-align="right">
        {open === 0 && sku.short === 0 ? <Badge tone="good">{sku.picked}</Badge> : <Quantity value={sku.picked} />}
      </td>
      <td data-align="right">{sku.short > 0 ? <Badge tone="bad">{sku.short}</Badge> : '—'}</td>
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
