import { Problem } from '@/api/problem'
import { Card, Chart, Job, Page, ProblemView, Skeleton, StateBadge } from '@/ui'
import { STATES } from './rows'
import { useT } from './texts'

const DAYS = Array.from({ length: 14 }, (_, at) => `5-${at + 1}`)
const SALES = DAYS.map((_, at) => 800_00 + ((at * 37_91) % 700) * 100)
const BEFORE = DAYS.map((_, at) => 700_00 + ((at * 53_17) % 600) * 100)
const yuan = (minor: number) => `¥${(minor / 100).toLocaleString()}`

export default function Parts() {
  const t = useT()
  const series = [
    { name: t('sales'), values: SALES },
    { name: t('before'), values: BEFORE, previous: true },
  ]
  const job = {
    id: 1,
    kind: 'import.products',
    state: 'running',
    total: 10_000,
    done: 6_420,
    failed: 3,
    created_at: new Date(Date.now() - 9_000).toISOString(),
    started_at: new Date(Date.now() - 8_000).toISOString(),
  }
  return (
    <Page title={t('sales')}>
      <Card title={t('sales')}>
        <Chart title={t('sales')} labels={DAYS} series={series} format={yuan} />
      </Card>
      <Card title={t('sales')}>
        <Chart title={t('sales')} kind="bar" labels={DAYS} series={series} format={yuan} />
      </Card>
      <Card>
        <div className="zg-row">
          {Object.keys(STATES).map(state => (
            <StateBadge key={state} state={state} of={STATES} />
          ))}
        </div>
      </Card>
      <Card>
        <Job job={job} errorsHref="#" cancel={() => undefined} />
      </Card>
      <ProblemView
        error={new Problem(409, { code: 'order_state', detail: '订单已完成，请发起退货。', request_id: 'req_01HZX4' })}
        retry={() => undefined}
      />
      <Card>
        <Skeleton />
      </Card>
    </Page>
  )
}
