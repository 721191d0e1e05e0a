import {
  Action,
  Card,
  DetailPage,
  Facts,
  Money,
  Person,
  Quantity,
  ReasonField,
  SkuCode,
  StateBadge,
  Time,
  Timeline,
  useRouteId,
} from '@/ui'
import { find, STATES } from './rows'
import { useT } from './texts'

export default function Order() {
  const t = useT()
  const row = find(useRouteId())
  const of = {
    actions: [
      { name: 'confirm', allowed: row.state === 'placed', reason: '只有待确认的订单可以确认。' },
      { name: 'cancel', allowed: true },
    ],
  }
  return (
    <DetailPage
      title={row.number}
      badges={<StateBadge state={row.state} of={STATES} />}
      list={{ name: 'orders', path: '/orders', title: t('title') }}
      primary={
        <Action
          of={of}
          name="confirm"
          label={t('confirm')}
          primary
          hotkey="c"
          initial={{}}
          run={async () => undefined}
          done={t('confirm')}
        />
      }
      more={
        <Action
          of={of}
          name="cancel"
          label={t('cancel')}
          danger
          title={t('cancel.title', { number: row.number })}
          consequences={
            <ul>
              <li>{t('cancel.stock', { count: row.items })}</li>
              <li>{t('cancel.money')}</li>
            </ul>
          }
          initial={{ reason: '' }}
          form={field => <ReasonField of={field.at('reason')} />}
          run={async () => undefined}
          done={t('cancelled')}
        />
      }
      side={
        <Card title={t('facts')}>
          <Facts
            of={[
              [t('customer'), <Person key="c" name={row.customer} />],
              [t('placed'), <Time key="p" at={row.placed_at} exact />],
            ]}
          />
        </Card>
      }
    >
      <Card title={t('lines')}>
        <Facts
          of={[
            ['SKU', <SkuCode key="s" code="TEA-LJ-100" />],
            [t('items'), <Quantity key="q" value={row.items} />],
            [t('total'), <Money key="m" value={row.total} />],
          ]}
        />
      </Card>
      <Timeline
        comment={async () => undefined}
        items={[
          { id: 2, at: row.placed_at, who: '王小明', text: '备注', note: '客人要求周五前送到，门口有台阶。' },
          { id: 1, at: row.placed_at, text: '下单' },
        ]}
      />
    </DetailPage>
  )
}
