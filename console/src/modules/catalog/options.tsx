import './catalog.css'
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { FieldProblem } from '@/api'
import { useLocale } from '@/i18n'
import { type Field, items, NameField, TextCell } from '@/ui'
import { type Axis, codeFor } from './matrix'
import { useT } from './texts'

type Props = {
  of: Field<readonly Axis[]>
  problems: readonly FieldProblem[]
  /** The axes became others: SKUs follow. */
  changed: (axes: readonly Axis[]) => void
  disabled: boolean
}

const AXES = 3

/** The axes of a product's variants, and their values. */
export function Options({ of, problems, changed, disabled }: Props) {
  const t = useT()
  const axes = of.value
  const set = (at: number, axis: Axis) => changed(axes.map((each, place) => (place === at ? axis : each)))
  return (
    <div className="zg-stack">
      {items(of, problems).map((axis, at) => (
        <div key={axis.value.code} className="zg-axis">
          <div className="zg-axis-head">
            <NameField of={axis.at('name')} label={t('option.name')} maxLength={100} disabled={disabled} />
            <Button
              icon={<DeleteOutlined />}
              aria-label={t('option.remove')}
              title={t('option.remove')}
              disabled={disabled}
              onClick={() => changed(axes.filter((_, place) => place !== at))}
            />
          </div>
          <div className="zg-axis-values">
            {items(axis.at('values'), problems).map((value, place) => (
              <div key={value.value.code} className="zg-axis-value">
                {(['zh-CN', 'en'] as const).map(tag => (
                  <span key={tag}>
                    <TextCell
                      of={value.at('name').text(tag)}
                      label={`${t('option.value')} ${tag}`}
                      lang={tag}
                      maxLength={100}
                      disabled={disabled}
                      placeholder={Object.values(value.value.name).find(each => each !== '')}
                    />
                  </span>
                ))}
                <Button
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t('option.removeValue')}
                  title={t('option.removeValue')}
                  disabled={disabled || axis.value.values.length === 1}
                  onClick={() =>
                    set(at, { ...axis.value, values: axis.value.values.filter((_, each) => each !== place) })
                  }
                />
              </div>
            ))}
            {disabled ? null : <AddValue axis={axis.value} add={next => set(at, next)} />}
          </div>
        </div>
      ))}
      {axes.length < AXES && !disabled ? (
        <span>
          <Button
            icon={<PlusOutlined />}
            onClick={() => {
              const code = codeFor(
                '',
                axes.map(each => each.code),
                'option',
              )
              // An axis without values changes no SKU yet.
              of.set([...axes, { code, name: {}, values: [] }])
            }}
          >
            {t('option.add')}
          </Button>
        </span>
      ) : null}
    </div>
  )
}

/** One value after the other: type, Enter, type, Enter. */
function AddValue({ axis, add }: { axis: Axis; add: (axis: Axis) => void }) {
  const t = useT()
  const locale = useLocale()
  const [text, setText] = useState('')
  const commit = () => {
    const name = text.trim()
    if (name === '') return
    const code = codeFor(
      name,
      axis.values.map(value => value.code),
      'v',
    )
    add({ ...axis, values: [...axis.values, { code, name: { [locale]: name } }] })
    setText('')
  }
  return (
    <Input
      value={text}
      maxLength={100}
      aria-label={t('option.addValue')}
      placeholder={t('option.addValue')}
      onChange={event => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={event => {
        if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
        event.preventDefault()
        commit()
      }}
    />
  )
}
