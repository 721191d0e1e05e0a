import '../system.css'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api, done, useMay } from '@/api'
import { Action, Card, DetailPage, Facts, Loaded, Quantity, StateBadge, Time } from '@/ui'
import { type CallView, callQuery, queueKeys } from './queries'
import { CALL_STATES, useQueueT } from './texts'
import { TaskName, useSpan } from './words'

export default function TaskPage() {
  const params: Record<string, string | undefined> = useParams({ strict: false })
  const call = useQuery(callQuery(params['task'] ?? ''))
  return <Loaded of={call}>{row => <One row={row} />}</Loaded>
}

/** A call of a task: what it was given, what came of it, what can be done. */
function One({ row }: { row: CallView }) {
  const t = useQueueT()
  const span = useSpan()
  const lasted =
    row.started_at && row.finished_at ? (Date.parse(row.finished_at) - Date.parse(row.started_at)) / 1000 : undefined
  const given = { ...Object.fromEntries(row.args.map((value, at) => [String(at), value])), ...row.kwargs }
  return (
    <DetailPage
      title={<TaskName name={row.task} />}
      windowTitle={row.task}
      list={{ name: 'tasks', path: '/queue/tasks', title: t('tasksTitle') }}
      badges={<StateBadge state={row.state} of={CALL_STATES} />}
      primary={<Deeds row={row} />}
      notice={
        row.error ? (
          <div className="zg-notice" role="status">
            {row.error}
          </div>
        ) : undefined
      }
      side={
        <Card title={t('facts')}>
          <Facts
            of={[
              [
                t('id'),
                <span key="i" className="zg-mono zg-wrap">
                  {row.id}
                </span>,
              ],
              [t('queue'), row.queue],
              [t('created'), <Time key="c" at={row.created_at} exact="minute" />],
              row.state === 'pending' ? [t('due'), <Time key="d" at={row.due_at} exact="minute" />] : undefined,
              row.started_at ? [t('begun'), <Time key="s" at={row.started_at} exact="minute" />] : undefined,
              row.finished_at ? [t('finished'), <Time key="f" at={row.finished_at} exact="minute" />] : undefined,
              lasted === undefined ? undefined : [t('lasted'), span(lasted)],
              [t('tries'), <Quantity key="t" value={row.tries} />],
              [t('retries'), <Quantity key="r" value={row.retries} />],
              row.worker
                ? [
                    t('worker'),
                    <span key="w" className="zg-mono zg-wrap">
                      {row.worker}
                    </span>,
                  ]
                : undefined,
            ]}
          />
        </Card>
      }
    >
      <Card title={t('args')}>
        {Object.keys(given).length === 0 ? <span className="zg-quiet">{t('noArgs')}</span> : <Code of={given} />}
      </Card>
      {row.state === 'done' ? (
        <Card title={t('result')}>
          {row.result === null || row.result === undefined ? (
            <span className="zg-quiet">{t('noResult')}</span>
          ) : (
            <Code of={row.result} />
          )}
        </Card>
      ) : null}
      {row.failure?.traceback ? (
        <Card title={t('traceback')}>
          <pre className="zg-code">{row.failure.traceback}</pre>
        </Card>
      ) : null}
    </DetailPage>
  )
}

function Code({ of }: { of: unknown }) {
  return <pre className="zg-code">{JSON.stringify(of, null, 2)}</pre>
}

/** What can be done in each state. */
function Deeds({ row: { id, state } }: { row: CallView }) {
  const t = useQueueT()
  const client = useQueryClient()
  if (!useMay()('queue.write')) return null
  const params = { path: { id } }
  const then = async (command: Promise<void>) => {
    try {
      await command
    } finally {
      await client.invalidateQueries({ queryKey: queueKeys.all })
    }
  }
  const revoke = (terminate: boolean) =>
    then(done(api.POST('/api/v1/admin/queue/tasks/{id}/revoke', { params, body: { terminate } })))
  if (state === 'failed' || state === 'revoked' || state === 'poison')
    return (
      <Action<object>
        name="task-retry"
        label={t('retry')}
        primary
        title={t('retryTitle')}
        consequences={t('retryText')}
        initial={{}}
        run={() => then(done(api.POST('/api/v1/admin/queue/tasks/{id}/retry', { params })))}
        done={t('retried')}
      />
    )
  if (state === 'pending')
    return (
      <Action<object>
        name="task-revoke"
        label={t('revoke')}
        danger
        title={t('revokeTitle')}
        consequences={t('revokeText')}
        initial={{}}
        run={() => revoke(false)}
        done={t('revoked')}
      />
    )
  if (state === 'running')
    return (
      <Action<object>
        name="task-terminate"
        label={t('terminate')}
        danger
        title={t('terminateTitle')}
        consequences={t('terminateText')}
        initial={{}}
        run={() => revoke(true)}
        done={t('revoked')}
      />
    )
  return null
}
