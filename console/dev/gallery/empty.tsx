import { Button } from 'antd'
import { Card, Empty, Page } from '@/ui'
import { useT } from './texts'

export default function Nothing() {
  const t = useT()
  return (
    <Page title={t('customer')}>
      <Card>
        <Empty title={t('empty')} action={<Button type="primary">{t('confirm')}</Button>}>
          {t('emptyHelp')}
        </Empty>
      </Card>
    </Page>
  )
}
