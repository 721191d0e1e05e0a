import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, done, useMay } from '@/api'
import { useLabel } from '@/i18n'
import { Action, Badge, Card, PlainTable, ProblemView, Quantity, Skeleton, Time } from '@/ui'
import { queueKeys, type ScheduleEntry, scheduleQuery } from './queries'
import { TASK_WORDS, useQueueT } from './texts'
import { useScheduleWords } from './words'

/** What runs by the clock. */
export function Schedule() {
  const t = useQueueT()
  const entries = useQuery(scheduleQuery)
  return (
    <Card title={t('schedule')}>
      {entries.data === undefined ? (
        entries.isError ? (
          <ProblemView error={entries.error} retry={() => void entries.refetch()} />
        ) : (
          <Skeleton lines={4} />
        )
      ) : (
        <PlainTable label={t('schedule')} stack>
          <thead>
            <tr>
              <th scope="col">{t('task')}</th>
              <th scope="col">{t('when')}</th>
              <th scope="col">{t('next')}</th>
              <th scope="col">{t('last')}</th>
              <th scope="col" data-align="right">
                {t('runs')}
              </th>
              <th scope="col" />
            </tr>
          </thead>
          <tbody>
            {entries.data.map(entry => (
              <Row key={entry.name} entry={entry} />
            ))}
          </tbody>
        </PlainTable>
      )}
    </Card>
  )
}

function Row({ entry }: { entry: ScheduleEntry }) {
  const t = useQueueT()
  const label = useLabel()
  const words = useScheduleWords()
  const known = TASK_WORDS[entry.name]
  return (
    <tr>
      <td>
        {known ? label(known) : null} <span className="zg-mono zg-quiet">{entry.name}</span>
      </td>
      <td data-label={t('when')}>{words(entry.schedule)}</td>
      <td data-label={t('next')}>
        {entry.enabled ? <Time at={entry.next_at} /> : <Badge tone="warn">{t('paused')}</Badge>}
      </td>
      <td data-label={t('last')}>
        <Time at={entry.last_at} />
      </td>
      <td data-align="right" data-label={t('runs')}>
        <Quantity value={entry.runs} />
      </td>
      <td>
        <Tools entry={entry} />
      </td>
    </tr>
  )
}

function Tools({ entry: { name, enabled } }: { entry: ScheduleEntry }) {
  const t = useQueueT()
  const client = useQueryClient()
  if (!useMay()('queue.write')) return null
  const params = { path: { name } }
  const then = async (command: Promise<void>) => {
    await command
    await client.invalidateQueries({ queryKey: queueKeys.all })
  }
  return (
    <span className="zg-row" style={{ justifyContent: 'flex-end' }}>
      <Action<object>
        name={`run:${name}`}
        label={t('run')}
        size="small"
        initial={{}}
        run={() => then(done(api.POST('/api/v1/admin/queue/schedule/{name}/run', { params })))}
        done={t('ran')}
      />
      {enabled ? (
        <Action<object>
          name={`pause:${name}`}
          label={t('pause')}
          size="small"
          title={t('pauseTitle', { name })}
          consequences={t('pauseText')}
          initial={{}}
          run={() => then(done(api.POST('/api/v1/admin/queue/schedule/{name}/pause', { params })))}
          done={t('changed')}
        />
      ) : (
        <Action<object>
          name={`resume:${name}`}
          label={t('resume')}
          size="small"
          primary
          initial={{}}
          run={() => then(done(api.POST('/api/v1/admin/queue/schedule/{name}/resume', { params })))}
          done={t('changed')}
        />
      )}
    </span>
  )
}
