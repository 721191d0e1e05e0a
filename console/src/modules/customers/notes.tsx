import { api, done, sends, unwrap } from '@/api'
import { Action, AreaField, Card, Time } from '@/ui'
import { type Customer, useAgain } from './queries'
import { useT } from './texts'

/** What colleagues should know of the customer. */
export function Notes({ row, writable }: { row: Customer; writable: boolean }) {
  const t = useT()
  const again = useAgain()
  const path = { id: row.id }
  return (
    <Card
      title={t('notes')}
      extra={
        writable ? (
          <Action
            name="note"
            label={t('note.add')}
            size="small"
            title={t('note.add')}
            initial={{ body: '' }}
            form={field => <AreaField of={field.at('body')} label={t('notes')} required maxLength={5000} />}
            run={async ({ key, body }) => {
              await unwrap(
                api.POST('/api/v1/admin/customers/{id}/notes', { params: { path }, headers: sends({ key }), body }),
              )
              await again()
            }}
            done={t('note.added')}
          />
        ) : null
      }
    >
      <div className="zg-stack">
        {row.notes.length === 0 ? <span className="zg-quiet">{t('notes.none')}</span> : null}
        {row.notes.map(note => (
          <article key={note.id}>
            <p style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{note.body}</p>
            <p className="zg-quiet">
              {note.author} · <Time at={note.at} />{' '}
              {writable ? (
                <Action
                  name={`note.delete.${note.id}`}
                  label={t('note.delete')}
                  size="small"
                  title={t('note.delete.title')}
                  initial={{}}
                  run={async () => {
                    await done(
                      api.DELETE('/api/v1/admin/customers/{id}/notes/{note_id}', {
                        params: { path: { ...path, note_id: note.id } },
                      }),
                    )
                    await again()
                  }}
                  done={t('note.deleted')}
                />
              ) : null}
            </p>
          </article>
        ))}
      </div>
    </Card>
  )
}
