import './system.css'
import { ReloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { api, unwrap } from '@/api'
import { useLabel } from '@/i18n'
import { Badge, Card, Page, ProblemView, Quantity, Skeleton, Time } from '@/ui'
import { PROOFS } from './proof-words'
import { useT } from './texts'

/** Whether the books add up (B3): asked for, never by itself, because it reads whole ledgers. */
export default function Proofs() {
  const t = useT()
  const label = useLabel()
  const proofs = useQuery({
    queryKey: ['proofs'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/admin/proofs', { signal })),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })
  const broken = proofs.data?.filter(proof => !proof.holds).length ?? 0
  return (
    <Page
      title={t('proof.title')}
      actions={
        <Button
          type="primary"
          icon={<ReloadOutlined />}
          loading={proofs.isFetching}
          onClick={() => void proofs.refetch()}
        >
          {t('proof.again')}
        </Button>
      }
    >
      <p className="zg-quiet">{t('proof.help')}</p>
      {proofs.isError ? <ProblemView error={proofs.error} retry={() => void proofs.refetch()} /> : null}
      {proofs.data && !proofs.isFetching ? (
        <div className={broken > 0 ? 'zg-summary' : 'zg-notice'} data-good={broken === 0} role="status">
          <strong>{broken > 0 ? t('proof.broken', { count: broken }) : t('proof.whole')}</strong>
          <Time at={new Date(proofs.dataUpdatedAt).toISOString()} exact />
        </div>
      ) : null}
      {proofs.isPending ? <Skeleton /> : null}
      {(proofs.data ?? []).map(proof => {
        const words = PROOFS[proof.name]
        return (
          <Card
            key={proof.name}
            title={words ? label(words.name) : proof.name}
            extra={
              proof.holds ? <Badge tone="good">{t('proof.holds')}</Badge> : <Badge tone="bad">{t('proof.fails')}</Badge>
            }
          >
            <div className="zg-stack">
              <span>
                {words ? label(words.what) : null}{' '}
                <span className="zg-quiet">
                  {t('proof.checked')} <Quantity value={proof.checked} />
                </span>
              </span>
              {proof.faults.length > 0 ? (
                <ul className="zg-faults">
                  {proof.faults.map(fault => (
                    <li key={fault}>
                      <code className="zg-mono">{fault}</code>
                    </li>
                  ))}
                </ul>
              ) : null}
            </div>
          </Card>
        )
      })}
    </Page>
  )
}
