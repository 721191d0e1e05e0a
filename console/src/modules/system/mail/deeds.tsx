import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import type { ReactNode } from 'react'
import { api, type Intent, type Schemas, sends, unwrap, useMay } from '@/api'
import { Action } from '@/ui'
import { mailKeys, type WhichMails } from './queries'
import { useMailT } from './texts'

type Deed = 'requeue' | 'pause' | 'delete'
type Changed = Schemas['MailsChanged']

const commands: Record<Deed, (which: WhichMails, intent: Intent<object>) => Promise<Changed>> = {
  requeue: (body, intent) => unwrap(api.POST('/api/v1/admin/mails/requeue', { body, headers: sends(intent) })),
  pause: (body, intent) => unwrap(api.POST('/api/v1/admin/mails/pause', { body, headers: sends(intent) })),
  delete: (body, intent) => unwrap(api.POST('/api/v1/admin/mails/delete', { body, headers: sends(intent) })),
}

type Props = {
  /** Those that make sense here, the first one foremost. */
  deeds: readonly Deed[]
  which: WhichMails
  count: number
  size?: 'small'
  primary?: Deed
  then: (deed: Deed) => void
}

/** What can be done with mails: with one, with a selection, with all that match (M8.15, M8.16). */
export function MailDeeds({ deeds, which, count, size, primary, then }: Props): ReactNode {
  const t = useMailT()
  const client = useQueryClient()
  const { message } = App.useApp()
  if (!useMay()('mails.write')) return null
  const said = { requeue: 'requeued', pause: 'paused', delete: 'deleted' } as const
  return deeds.map(deed => (
    <Action<object>
      key={deed}
      name={`mail-${deed}`}
      label={t(deed)}
      danger={deed === 'delete'}
      primary={deed === primary}
      {...(size ? { size } : {})}
      title={t(`${deed}Title`, { count })}
      consequences={t(`${deed}Text`)}
      initial={{}}
      run={async intent => {
        try {
          const { done, more } = await commands[deed](which, intent)
          void message.success(more ? t('more') : t(said[deed], { count: done }))
          then(deed)
        } finally {
          await client.invalidateQueries({ queryKey: mailKeys.all })
        }
      }}
    />
  ))
}
