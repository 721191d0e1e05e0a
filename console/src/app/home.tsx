import { useMe } from '@/api/session'
import { useLabel } from '@/i18n'
import { modules } from '@/modules'
import { Empty } from '@/ui/feedback'
import { PathLink } from '@/ui/path'
import { useVisible } from '@/ui/shell/nav'
import { useUi } from '@/ui/texts'

/** The start, for those who may not see the dashboard: what they may open. */
export default function Home() {
  const t = useUi()
  const label = useLabel()
  const me = useMe()
  const visible = useVisible(modules)
  return (
    <div className="zg-page">
      <title>{`${me.shop.name} · 掌柜`}</title>
      <header className="zg-page-head">
        <h1>{t('home.title', { name: me.staff.name })}</h1>
      </header>
      {visible.length === 0 ? <Empty title={t('home.none')} /> : null}
      <div className="zg-fields">
        {visible.map(({ module, children }) => (
          <section key={module.name} className="zg-card">
            <header>
              {module.nav.icon}
              <h2>{label(module.title)}</h2>
            </header>
            <ul className="zg-card-body" style={{ display: 'grid', gap: 8 }}>
              {children.map(child => (
                <li key={child.to}>
                  <PathLink to={child.to}>{label(child.label)}</PathLink>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  )
}
