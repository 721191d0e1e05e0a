import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, done, useMay } from '@/api'
import { Action, Card, Empty, PathLink, PlainTable, ProblemView, Quantity, Skeleton, TextField } from '@/ui'
import { type QueueWorker, queueKeys, workersQuery } from './queries'
import { useQueueT } from './texts'
import { TaskName, useSpan } from './words'

/** Who works, on what, and telling them what to do. */
export function Workers() {
  const t = useQueueT()
  const workers = useQuery(workersQuery)
  return (
    <Card title={t('workers')}>
      {workers.data === undefined ? (
        workers.isError ? (
          <ProblemView error={workers.error} retry={() => void workers.refetch()} />
        ) : (
          <Skeleton lines={3} />
        )
      ) : workers.data.length === 0 ? (
        <Empty title={t('noWorkers')}>{t('noWorkersHelp')}</Empty>
      ) : (
        <PlainTable label={t('workers')} stack>
          <thead>
            <tr>
              <th scope="col">{t('worker')}</th>
              <th scope="col">{t('now')}</th>
              <th scope="col" data-align="right">
                {t('concurrency')}
              </th>
              <th scope="col" data-align="right">
                {t('waiting')}
              </th>
              <th scope="col" data-align="right">
                {t('started')}
              </th>
              <th scope="col">{t('uptime')}</th>
              <th scope="col" />
            </tr>
          </thead>
          <tbody>
            {workers.data.map(worker => (
              <Row key={worker.name} worker={worker} />
            ))}
          </tbody>
        </PlainTable>
      )}
    </Card>
  )
}

function Row({ worker }: { worker: QueueWorker }) {
  const t = useQueueT()
  const span = useSpan()
  const started = Object.values(worker.started).reduce((sum, count) => sum + count, 0)
  return (
    <tr>
      <td>
        <span className="zg-mono">{worker.name}</span>
        <div className="zg-quiet">{worker.queues.join(', ')}</div>
      </td>
      <td data-label={t('now')}>
        {worker.active.length === 0 ? <span className="zg-quiet">{t('idle')}</span> : null}
        {worker.active.slice(0, 5).map(call => (
          <div key={call.id}>
            <PathLink to={`/queue/tasks/${call.id}`}>
              <TaskName name={call.task} />
            </PathLink>
          </div>
        ))}
        {worker.active.length > 5 ? <div className="zg-quiet">+{worker.active.length - 5}</div> : null}
      </td>
      <td data-align="right" data-label={t('concurrency')}>
        <Quantity value={worker.concurrency} />
      </td>
      <td data-align="right" data-label={t('waiting')}>
        <Quantity value={worker.waiting} />
      </td>
      <td data-align="right" data-label={t('started')}>
        <Quantity value={started} />
      </td>
      <td data-label={t('uptime')}>{span(worker.uptime_seconds)}</td>
      <td>
        <Tools worker={worker} />
      </td>
    </tr>
  )
}

type Limit = { task: string; rate: string }

function Tools({ worker: { name, concurrency } }: { worker: QueueWorker }) {
  const t = useQueueT()
  const client = useQueryClient()
  if (!useMay()('queue.write')) return null
  const path = { path: { name } }
  const then = async (command: Promise<void>) => {
    await command
    await client.invalidateQueries({ queryKey: workersQuery.queryKey })
  }
  const resize = (by: number) =>
    then(done(api.POST('/api/v1/admin/queue/workers/{name}/pool', { params: path, body: { by } })))
  return (
    <span className="zg-row" style={{ justifyContent: 'flex-end' }}>
      <Action<object>
        name={`more:${name}`}
        label={t('more')}
        size="small"
        initial={{}}
        run={() => resize(1)}
        done={t('resized')}
      />
      {concurrency > 1 ? (
        <Action<object>
          name={`less:${name}`}
          label={t('less')}
          size="small"
          initial={{}}
          run={() => resize(-1)}
          done={t('resized')}
        />
      ) : null}
      <Action<Limit>
        name={`limit:${name}`}
        label={t('limit')}
        size="small"
        title={t('limitTitle', { name })}
        initial={{ task: 'mail.send', rate: '' }}
        form={field => (
          <>
            <TextField of={field.at('task')} label={t('limitTask')} mono required />
            <TextField of={field.at('rate')} label={t('limitRate')} help={t('limitRateHelp')} mono />
          </>
        )}
        run={({ body }) =>
          then(done(api.POST('/api/v1/admin/queue/workers/{name}/rate-limit', { params: path, body })))
        }
        done={t('limited')}
      />
      <Action<object>
        name={`end:${name}`}
        label={t('end')}
        size="small"
        danger
        title={t('endTitle', { name })}
        consequences={t('endText')}
        initial={{}}
        run={async () => {
          await done(api.POST('/api/v1/admin/queue/workers/{name}/shutdown', { params: path }))
          await client.invalidateQueries({ queryKey: queueKeys.all })
        }}
        done={t('ended')}
      />
    </span>
  )
}
