import './catalog.css'
import { PictureOutlined } from '@ant-design/icons'

/** A small picture beside a name, which says what it shows. */
export function Thumb({ src, size = 36 }: { src: string | null | undefined; size?: number }) {
  return (
    <span className="zg-thumb" style={{ width: size, height: size }}>
      {src ? <img src={src} alt="" width={size} height={size} loading="lazy" /> : <PictureOutlined />}
    </span>
  )
}
