import './system.css'
import { CheckOutlined, CopyOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useT } from './texts'

/** Something shown once, with a button that copies it. */
export function Secret({ text }: { text: string }) {
  const t = useT()
  const [copied, setCopied] = useState(false)
  return (
    <div className="zg-secret">
      <output data-testid="secret">{text}</output>
      <Button
        style={{ marginInlineStart: 'auto' }}
        icon={copied ? <CheckOutlined /> : <CopyOutlined />}
        onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
      >
        {copied ? t('secret.copied') : t('secret.copy')}
      </Button>
    </div>
  )
}
