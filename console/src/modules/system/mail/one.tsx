import '../system.css'
import { useQuery } from '@tanstack/react-query'
import { useLabel } from '@/i18n'
import {
  Card,
  DetailPage,
  Facts,
  Loaded,
  PathLink,
  Quantity,
  StateBadge,
  Time,
  useGo,
  useLiveRefresh,
  useRouteId,
} from '@/ui'
import { MailDeeds } from './deeds'
import { useLastError } from './last-error'
import { type MailView, mailKeys, mailQuery } from './queries'
import { MAIL_KINDS, MAIL_STATES, useMailT } from './texts'

export default function MailPage() {
  const id = useRouteId()
  const mail = useQuery(mailQuery(id))
  useLiveRefresh('mails.read', mailKeys.detail(id), event => event.entity_id === id)
  return <Loaded of={mail}>{row => <One row={row} />}</Loaded>
}

/** A mail: how it stands, and what its reader sees. */
function One({ row }: { row: MailView }) {
  const t = useMailT()
  const label = useLabel()
  const go = useGo()
  const why = useLastError()
  const kind = MAIL_KINDS[row.template]
  const deeds = DEEDS[row.state] ?? []
  return (
    <DetailPage
      title={row.subject || t('erased')}
      list={{ name: 'mails', path: '/mails', title: t('title') }}
      badges={<StateBadge state={row.state} of={MAIL_STATES} />}
      primary={
        <MailDeeds
          deeds={deeds}
          which={{ ids: [row.id] }}
          count={1}
          primary="requeue"
          then={deed => deed === 'delete' && go('/mails', { replace: true })}
        />
      }
      notice={
        row.last_error ? (
          <div className="zg-notice" role="status">
            {why(row.last_error)}
          </div>
        ) : undefined
      }
      side={
        <Card title={t('facts')}>
          <Facts
            of={[
              [t('to'), row.to || <span className="zg-quiet">{t('erased')}</span>],
              [t('kind'), kind ? label(kind) : row.template],
              [t('locale'), row.locale],
              [t('attempts'), <Quantity key="n" value={row.attempts} unit={`/ ${row.tries}`} />],
              [t('created'), <Time key="c" at={row.created_at} exact="minute" />],
              row.next_at ? [t('next'), <Time key="x" at={row.next_at} />] : undefined,
              row.sent_at ? [t('sent'), <Time key="s" at={row.sent_at} exact="minute" />] : undefined,
              row.order_id
                ? [
                    t('order'),
                    <PathLink key="o" to={`/orders/${row.order_id}`}>
                      {row.order_number ?? row.order_id}
                    </PathLink>,
                  ]
                : undefined,
              row.customer_id
                ? [
                    t('customer'),
                    <PathLink key="k" to={`/customers/${row.customer_id}`}>
                      {row.customer || row.customer_id}
                    </PathLink>,
                  ]
                : undefined,
            ]}
          />
        </Card>
      }
    >
      {row.html ? (
        <Card title={t('html')} flush>
          {/* Nothing in it runs, is sent or leads anywhere. */}
          <iframe className="zg-mail" title={t('html')} sandbox="" srcDoc={row.html} />
        </Card>
      ) : (
        <Card title={t('html')}>{t(row.secret ? 'secret' : 'blank')}</Card>
      )}
      {row.text ? (
        <Card title={t('text')}>
          <pre className="zg-mail-text">{row.text}</pre>
        </Card>
      ) : null}
    </DetailPage>
  )
}

/** What makes sense in each state. */
const DEEDS: Readonly<Record<string, readonly ('requeue' | 'pause' | 'delete')[]>> = {
  queued: ['pause', 'requeue'],
  paused: ['delete', 'requeue'],
  failed: ['delete', 'requeue'],
  bounced: ['delete', 'requeue'],
}
