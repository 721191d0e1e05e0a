import { Badge } from '@/ui'
import { useShippingT } from './shipping-texts'

export function OnOff({ on }: { on: boolean }) {
  const t = useShippingT()
  return on ? <Badge tone="good">{t('on')}</Badge> : <Badge tone="neutral">{t('off')}</Badge>
}
