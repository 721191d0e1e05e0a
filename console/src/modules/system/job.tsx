import { useQuery } from '@tanstack/react-query'
import { DetailPage, Loaded, useJobName, useRouteId } from '@/ui'
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
        >
          <JobOutcome job={row} />
        </DetailPage>
      )}
    </Loaded>
  )
}
