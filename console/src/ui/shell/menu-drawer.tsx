import { Drawer } from 'antd'
import { useUi } from '../texts'
import type { ModuleDef } from './module'
import { Side } from './nav'

/** The side navigation on a narrow page. */
export default function MenuDrawer({ modules, close }: { modules: readonly ModuleDef[]; close: () => void }) {
  const t = useUi()
  return (
    <Drawer
      open
      onClose={close}
      placement="left"
      size={264}
      closable={false}
      rootClassName="zg-drawer"
      aria-label={t('nav.label')}
    >
      <Side modules={modules} onGo={close} />
    </Drawer>
  )
}
