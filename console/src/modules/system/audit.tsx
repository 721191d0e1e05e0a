import './system.css'
import { useQuery } from '@tanstack/react-query'
import { Button, Drawer } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import { api, unwrap, useMay, useMe } from '@/api'
import { isRecord } from '@/api/json'
import { useLabel } from '@/i18n'
import {
  Badge,
  type Column,
  dateFilter,
  dayStart,
  Empty,
  enumFilter,
  Facts,
  None,
  nextDay,
  Page,
  PathLink,
  Person,
  ResourceTable,
  Time,
  textFilter,
} from '@/ui'
import { actionWords, entityWords, pageOf, toneOf } from './audit-words'
import { type AuditLine, auditKeys, staffQuery } from './queries'
import { useT } from './texts'

/** What was touched, and its page if it has one. */
function Touched({ row }: { row: AuditLine }) {
  const label = useLabel()
  if (row.entity_id <= 0) return <None />
  const name = `${label(entityWords(row.entity))} #${row.entity_id}`
  const page = pageOf(row.entity, row.entity_id)
  return page ? <PathLink to={page}>{name}</PathLink> : name
}

const ACTOR_KINDS = ['staff', 'api_key', 'shopper', 'guest', 'system'] as const

/** Who did what, when, from where (M8.3): append-only, chained. */
export default function AuditLog() {
  const t = useT()
  const label = useLabel()
  const may = useMay()
  const zone = useMe().shop.time_zone
  const [open, setOpen] = useState<AuditLine | undefined>(undefined)
  const people = useQuery({ ...staffQuery, enabled: may('staff.read') }).data
  const columns = useMemo<readonly Column<AuditLine>[]>(
    () => [
      { id: 'at', title: t('audit.at'), cell: row => <Time at={row.at} exact />, width: 210 },
      { id: 'who', title: t('audit.who'), cell: row => <Person name={row.actor_name} /> },
      {
        id: 'action',
        title: t('audit.action'),
        cell: row => <Badge tone={toneOf(row.action)}>{label(actionWords(row.action))}</Badge>,
      },
      {
        id: 'entity',
        title: t('audit.entity'),
        cell: row => <Touched row={row} />,
      },
      { id: 'ip', title: t('audit.ip'), cell: row => (row.ip ? <span className="zg-mono">{row.ip}</span> : <None />) },
      {
        id: 'more',
        title: t('audit.details'),
        cell: row => (
          <Button size="small" onClick={() => setOpen(row)}>
            {t('audit.show')}
          </Button>
        ),
      },
    ],
    [t, label],
  )
  const filters = useMemo(
    () => [
      dateFilter('from', 'until', t('audit.at')),
      textFilter('action', t('audit.actionCode')),
      textFilter('entity', t('audit.entityKind')),
      textFilter('entity_id', t('audit.entityId')),
      textFilter('ip', t('audit.ip')),
      textFilter('request_id', t('audit.request')),
      enumFilter(
        'actor_kind',
        t('audit.actorKind'),
        ACTOR_KINDS.map(kind => ({ value: kind, label: t(`actor.${kind}`) })),
        true,
      ),
      enumFilter(
        'actor_id',
        t('audit.who'),
        (people ?? []).map(person => ({ value: String(person.id), label: person.name })),
        true,
      ),
    ],
    [t, people],
  )
  return (
    <Page title={t('audit.title')}>
      <ResourceTable
        name="audit"
        columns={columns}
        filters={filters}
        queryKey={auditKeys.lists}
        load={({ from, until, entity_id, actor_id, sort: _sort, q: _q, ...query }, signal) =>
          unwrap(
            api.GET('/api/v1/admin/audit', {
              params: {
                query: {
                  ...query,
                  ...(from ? { from: dayStart(from, zone) } : {}),
                  ...(until ? { until: dayStart(nextDay(until), zone) } : {}),
                  ...(entity_id ? { entity_id: Number(entity_id) } : {}),
                  ...(actor_id ? { actor_id: Number(actor_id) } : {}),
                },
              },
              signal,
            }),
          )
        }
        rowId={row => row.id}
        exportHref={(_format, query) => {
          const from = query.get('from')
          const until = query.get('until')
          if (from) query.set('from', dayStart(from, zone))
          if (until) query.set('until', dayStart(nextDay(until), zone))
          query.delete('sort')
          query.delete('q')
          return `/api/v1/admin/audit.csv?${query}`
        }}
        views={[
          { name: t('audit.signIns'), search: { action: 'session.' } },
          { name: t('audit.people'), search: { action: 'staff.' } },
          { name: t('audit.roles'), search: { action: 'role.' } },
        ]}
        empty={<Empty title={t('audit.empty')} />}
      />
      <Drawer
        open={open !== undefined}
        size={560}
        title={open ? label(actionWords(open.action)) : ''}
        onClose={() => setOpen(undefined)}
      >
        {open ? <Line line={open} /> : null}
      </Drawer>
    </Page>
  )
}

function Line({ line }: { line: AuditLine }) {
  const t = useT()
  const before = isRecord(line.before) ? line.before : {}
  const after = isRecord(line.after) ? line.after : {}
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return (
    <div className="zg-stack">
      <Facts
        of={[
          [t('audit.at'), <Time key="t" at={line.at} exact />],
          [t('audit.who'), line.actor_name],
          [t('audit.actionCode'), <code key="a">{line.action}</code>],
          [t('audit.entity'), <Touched key="e" row={line} />],
          [t('audit.ip'), line.ip ?? '—'],
          [t('audit.request'), <code key="r">{line.request_id ?? '—'}</code>],
          [
            t('audit.chain'),
            line.seq ? (
              <span key="s">
                #{line.seq} <code className="zg-quiet">{line.digest?.slice(0, 16)}</code>
              </span>
            ) : (
              t('audit.unsealed')
            ),
          ],
        ]}
      />
      {names.length > 0 ? (
        <table className="zg-diff">
          <thead>
            <tr>
              <th scope="col">{t('audit.field')}</th>
              <th scope="col">{t('audit.before')}</th>
              <th scope="col">{t('audit.after')}</th>
            </tr>
          </thead>
          <tbody>
            {names.map(name => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{plain(before[name])}</td>
                <td>{plain(after[name])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </div>
  )
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

function plain(value: unknown): ReactNode {
  if (value === undefined || value === null) return <None />
  if (typeof value === 'string' && INSTANT.test(value)) return <Time at={value} exact />
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 1)
}
