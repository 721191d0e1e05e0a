import '../system.css'
import { useQuery } from '@tanstack/react-query'
import { useMe } from '@/api'
import { useLocale } from '@/i18n'
import { Card, Chart, Empty, formatNumber, Loaded, Page, PathLink, PlainTable, Quantity, Time } from '@/ui'
import { overviewQuery } from './queries'
import { Schedule } from './schedule'
import { useQueueT } from './texts'
import { Workers } from './workers'

/** The work behind the scenes: figures, queues, workers, the schedule (P8). */
export default function QueuePage() {
  const t = useQueueT()
  const locale = useLocale()
  const zone = useMe().shop.time_zone
  const overview = useQuery(overviewQuery)
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hour12: false, timeZone: zone })
  return (
    <Page title={t('title')} actions={<PathLink to="/queue/tasks">{t('tasksTitle')}</PathLink>}>
      <p className="zg-quiet">{t('lead')}</p>
      <Loaded of={overview}>
        {({ minutes, queues }) => (
          <>
            <Card>
              <Chart
                title={t('rates')}
                heading={<h2 className="zg-queue-head">{t('rates')}</h2>}
                labels={minutes.map(minute => clock.format(new Date(minute.at)))}
                series={[
                  { name: t('done'), values: minutes.map(minute => minute.done) },
                  { name: t('failed'), values: minutes.map(minute => minute.failed) },
                ]}
                format={value => formatNumber(value, locale)}
                height={180}
              />
            </Card>
            <Card title={t('queues')}>
              {queues.length === 0 ? (
                <Empty title={t('queuesEmpty')} />
              ) : (
                <PlainTable label={t('queues')} stack>
                  <thead>
                    <tr>
                      <th scope="col">{t('queue')}</th>
                      <th scope="col" data-align="right">
                        {t('ready')}
                      </th>
                      <th scope="col" data-align="right">
                        {t('scheduled')}
                      </th>
                      <th scope="col" data-align="right">
                        {t('running')}
                      </th>
                      <th scope="col">{t('oldest')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {queues.map(queue => (
                      <tr key={queue.name}>
                        <td className="zg-mono">{queue.name}</td>
                        <td data-align="right" data-label={t('ready')}>
                          <Quantity value={queue.ready} />
                        </td>
                        <td data-align="right" data-label={t('scheduled')}>
                          <Quantity value={queue.scheduled} />
                        </td>
                        <td data-align="right" data-label={t('running')}>
                          <Quantity value={queue.running} />
                        </td>
                        <td data-label={t('oldest')}>
                          <Time at={queue.oldest_at} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </PlainTable>
              )}
            </Card>
          </>
        )}
      </Loaded>
      <Workers />
      <Schedule />
    </Page>
  )
}
