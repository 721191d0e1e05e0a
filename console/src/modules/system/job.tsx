import { useQuery } from '@tanstack/react-query'
import { Card, DetailPage, Facts, Loaded, Person, Time, useJobName, useRouteId } from '@/ui'
import { jobQuery } from './import-queries'
import { useImportT } from './import-texts'
import { JobOutcome } from './job-outcome'

/** One job: how it goes, what came of it, what was wrong. */
export default function JobPage() {
  const t = useImportT()
  const id = useRouteId()
  const nameOf = useJobName()
  const job = useQuery(jobQuery(id))
  return (
    <Loaded of={job}>
      {row => (
        <DetailPage
          title={`${nameOf(row.kind)} #${row.id}`}
          list={{ name: 'imports', path: '/imports', title: t('title') }}
          side={
            <Card title={t('job')}>
              <Facts
                of={[
                  row.file_name ? [t('file'), row.file_name] : undefined,
                  row.started_by ? [t('by'), <Person key="p" name={row.started_by} />] : undefined,
                  [t('started'), <Time key="s" at={row.created_at} />],
                  row.finished_at ? [t('finished'), <Time key="f" at={row.finished_at} />] : undefined,
                ]}
              />
            </Card>
          }
        >
          <JobOutcome job={row} />
        </DetailPage>
      )}
    </Loaded>
  )
}
