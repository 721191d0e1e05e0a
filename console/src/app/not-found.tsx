import { Button } from 'antd'
import { Empty } from '@/ui/feedback'
import { useGo } from '@/ui/path'
import { useUi } from '@/ui/texts'

export function NotFound() {
  const t = useUi()
  const go = useGo()
  return (
    <div className="zg-page">
      <title>{`${t('notFound.title')} · 掌柜`}</title>
      <Empty title={t('notFound.title')} action={<Button onClick={() => go('/')}>{t('problem.home')}</Button>}>
        {t('notFound.text')}
      </Empty>
    </div>
  )
}
