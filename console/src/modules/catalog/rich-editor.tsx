import './catalog.css'
import {
  BoldOutlined,
  ItalicOutlined,
  OrderedListOutlined,
  RedoOutlined,
  UndoOutlined,
  UnorderedListOutlined,
} from '@ant-design/icons'
import { EditorContent, useEditor, useEditorState } from '@tiptap/react'
import StarterKit from '@tiptap/starter-kit'
import { Button } from 'antd'
import { type ReactNode, useEffect, useRef } from 'react'
import { useT } from './texts'

type Props = {
  id: string
  lang: string
  label: string
  value: string
  change: (html: string) => void
  disabled: boolean
}

/** Bold, italic, headings, lists, quotes: what a product's description needs. */
export default function RichEditor({ id, lang, label, value, change, disabled }: Props) {
  const t = useT()
  const latest = useRef(change)
  useEffect(() => {
    latest.current = change
  })
  const editor = useEditor({
    extensions: [
      StarterKit.configure({
        heading: { levels: [2, 3] },
        codeBlock: false,
        code: false,
        link: { openOnClick: false },
      }),
    ],
    content: value,
    editable: !disabled,
    editorProps: {
      attributes: {
        id,
        lang,
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-readonly': String(disabled),
        'aria-label': label,
      },
    },
    onUpdate: ({ editor: now }) => latest.current(now.isEmpty ? '' : now.getHTML()),
  })
  // What comes from outside (a draft given up, a colleague's text) replaces what is shown.
  useEffect(() => {
    if (editor.isDestroyed) return
    const shown = editor.isEmpty ? '' : editor.getHTML()
    if (shown !== value && !editor.isFocused) editor.commands.setContent(value, { emitUpdate: false })
  }, [editor, value])
  const on = useEditorState({
    editor,
    selector: ({ editor: now }) => ({
      bold: now.isActive('bold'),
      italic: now.isActive('italic'),
      h2: now.isActive('heading', { level: 2 }),
      h3: now.isActive('heading', { level: 3 }),
      bullets: now.isActive('bulletList'),
      numbers: now.isActive('orderedList'),
      quote: now.isActive('blockquote'),
    }),
  })
  const chain = () => editor.chain().focus()
  return (
    <div className="zg-rich" data-disabled={disabled}>
      {disabled ? null : (
        <div className="zg-rich-tools" role="toolbar" aria-label={t('rich.tools')}>
          <Tool label={t('rich.bold')} on={on.bold} icon={<BoldOutlined />} run={() => chain().toggleBold().run()} />
          <Tool
            label={t('rich.italic')}
            on={on.italic}
            icon={<ItalicOutlined />}
            run={() => chain().toggleItalic().run()}
          />
          <Tool label={t('rich.h2')} on={on.h2} text="H2" run={() => chain().toggleHeading({ level: 2 }).run()} />
          <Tool label={t('rich.h3')} on={on.h3} text="H3" run={() => chain().toggleHeading({ level: 3 }).run()} />
          <Tool
            label={t('rich.bullets')}
            on={on.bullets}
            icon={<UnorderedListOutlined />}
            run={() => chain().toggleBulletList().run()}
          />
          <Tool
            label={t('rich.numbers')}
            on={on.numbers}
            icon={<OrderedListOutlined />}
            run={() => chain().toggleOrderedList().run()}
          />
          <Tool label={t('rich.quote')} on={on.quote} text="❝" run={() => chain().toggleBlockquote().run()} />
          <Tool label={t('rich.undo')} icon={<UndoOutlined />} run={() => chain().undo().run()} />
          <Tool label={t('rich.redo')} icon={<RedoOutlined />} run={() => chain().redo().run()} />
        </div>
      )}
      <EditorContent editor={editor} />
    </div>
  )
}

type ToolProps = { label: string; on?: boolean; icon?: ReactNode; text?: string; run: () => void }

function Tool({ label, on, icon, text, run }: ToolProps) {
  return (
    <Button
      size="small"
      type={on ? 'default' : 'text'}
      icon={icon}
      aria-label={text ? `${text} ${label}` : label}
      title={label}
      aria-pressed={on}
      onClick={run}
    >
      {text}
    </Button>
  )
}
