import './catalog.css'
import { DeleteOutlined, EditOutlined, UploadOutlined } from '@ant-design/icons'
import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core'
import {
  arrayMove,
  rectSortingStrategy,
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
} from '@dnd-kit/sortable'
import { App, Button, Modal } from 'antd'
import { type ChangeEvent, type DragEvent, useEffect, useId, useState } from 'react'
import { api, asProblem, done, type FieldProblem, unwrap } from '@/api'
import { useName } from '@/i18n'
import { Badge, Card, Field, NameField, ProblemView, SelectField, useFocusBack, useProblemText } from '@/ui'
import { type Picture, type ProductView, productKeys, useRefresh } from './queries'
import { useT } from './texts'

type Props = { product: ProductView; disabled: boolean }

/** A product's pictures (M2.8): saved as they are added, sorted by dragging; the first stands for the product. */
export function Pictures({ product, disabled }: Props) {
  const t = useT()
  const { message, notification } = App.useApp()
  const textOf = useProblemText()
  const refresh = useRefresh(productKeys.all)
  const [order, setOrder] = useState(product.media)
  const [sending, setSending] = useState<{ done: number; total: number } | undefined>(undefined)
  const [editing, setEditing] = useState<Picture | undefined>(undefined)
  const [over, setOver] = useState(false)
  const input = useId()
  useEffect(() => setOrder(product.media), [product.media])
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  )
  const upload = async (files: readonly File[]) => {
    setSending({ done: 0, total: files.length })
    try {
      for (const [at, file] of files.entries()) {
        const form = new FormData()
        form.append('file', file)
        try {
          await unwrap(
            api.POST('/api/v1/admin/products/{id}/media', {
              params: { path: { id: product.id } },
              // The part's content is the file's own; the schema says it is a text.
              body: { file: file.name },
              bodySerializer: () => form,
            }),
          )
        } catch (error) {
          notification.error({ title: file.name, description: textOf(asProblem(error)), duration: 0 })
        }
        setSending({ done: at + 1, total: files.length })
      }
    } finally {
      setSending(undefined)
      await refresh()
    }
  }
  const save = (picture: Picture, position: number) =>
    unwrap(
      api.PUT('/api/v1/admin/products/{id}/media/{media_id}', {
        params: { path: { id: product.id, media_id: picture.id } },
        body: { alt: picture.alt, sku: picture.sku ?? null, position },
      }),
    )
  const moved = async ({ active, over: target }: DragEndEvent) => {
    const from = order.findIndex(each => each.id === active.id)
    const to = order.findIndex(each => each.id === target?.id)
    const picture = order[from]
    if (!picture || to < 0 || from === to) return
    setOrder(arrayMove(order, from, to))
    try {
      await save(picture, to)
    } catch (error) {
      notification.error({ title: t('picture.title'), description: textOf(asProblem(error)) })
    }
    await refresh()
  }
  const take = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const files = [...event.dataTransfer.files]
    if (files.length > 0) void upload(files)
  }
  return (
    <Card title={t('picture.title')}>
      <div className="zg-stack">
        {order.length > 0 ? (
          <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={event => void moved(event)}>
            <SortableContext items={order.map(each => each.id)} strategy={rectSortingStrategy} disabled={disabled}>
              <ul className="zg-pictures" aria-label={t('picture.title')}>
                {order.map((picture, at) => (
                  <Tile
                    key={picture.id}
                    picture={picture}
                    first={at === 0}
                    disabled={disabled}
                    edit={() => setEditing(picture)}
                    remove={async () => {
                      await done(
                        api.DELETE('/api/v1/admin/products/{id}/media/{media_id}', {
                          params: { path: { id: product.id, media_id: picture.id } },
                        }),
                      ).then(
                        () => message.success(t('picture.removed')),
                        error =>
                          notification.error({ title: t('picture.title'), description: textOf(asProblem(error)) }),
                      )
                      await refresh()
                    }}
                  />
                ))}
              </ul>
            </SortableContext>
          </DndContext>
        ) : null}
        {disabled ? null : (
          <label
            htmlFor={input}
            className="zg-drop"
            data-over={over}
            onDragOver={event => {
              event.preventDefault()
              setOver(true)
            }}
            onDragLeave={() => setOver(false)}
            onDrop={take}
          >
            <input
              id={input}
              type="file"
              multiple
              accept="image/png,image/jpeg,image/gif,image/webp"
              className="zg-sr"
              disabled={sending !== undefined}
              onChange={(event: ChangeEvent<HTMLInputElement>) => {
                const files = [...(event.target.files ?? [])]
                event.target.value = ''
                if (files.length > 0) void upload(files)
              }}
            />
            <span className="zg-row">
              <UploadOutlined />
              {sending ? t('picture.sending', { done: sending.done, total: sending.total }) : t('picture.add')}
            </span>
            <span className="zg-help">{t('picture.help')}</span>
          </label>
        )}
      </div>
      {editing ? (
        <EditPicture
          picture={editing}
          skus={product.skus.map(sku => sku.code)}
          close={() => setEditing(undefined)}
          save={async picture => {
            await save(
              picture,
              order.findIndex(each => each.id === picture.id),
            )
            await refresh()
          }}
        />
      ) : null}
    </Card>
  )
}

type TileProps = { picture: Picture; first: boolean; disabled: boolean; edit: () => void; remove: () => Promise<void> }

function Tile({ picture, first, disabled, edit, remove }: TileProps) {
  const t = useT()
  const nameOf = useName()
  const { attributes, listeners, setNodeRef, transform, transition, isDragging } = useSortable({ id: picture.id })
  const alt = nameOf(picture.alt)
  return (
    <li
      ref={setNodeRef}
      className="zg-picture"
      data-moving={isDragging}
      style={{
        transform: transform ? `translate(${Math.round(transform.x)}px, ${Math.round(transform.y)}px)` : undefined,
        transition,
      }}
    >
      <div {...attributes} {...listeners} className="zg-picture-frame">
        <img
          src={picture.sizes[1]?.url ?? picture.sizes[0]?.url ?? picture.url}
          alt={alt || t('picture.noAlt')}
          draggable={false}
        />
        {first ? (
          <span className="zg-picture-first">
            <Badge tone="busy">{t('picture.main')}</Badge>
          </span>
        ) : null}
      </div>
      <div className="zg-picture-foot">
        <span className={alt ? '' : 'zg-quiet'} title={alt}>
          {picture.sku ? `${picture.sku} · ` : ''}
          {alt || t('picture.noAlt')}
        </span>
        {disabled ? null : (
          <>
            <Button
              size="small"
              type="text"
              icon={<EditOutlined />}
              aria-label={t('picture.edit')}
              title={t('picture.edit')}
              onClick={edit}
            />
            <Button
              size="small"
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t('picture.remove')}
              title={t('picture.remove')}
              onClick={() => void remove()}
            />
          </>
        )}
      </div>
    </li>
  )
}

type EditProps = {
  picture: Picture
  skus: readonly string[]
  close: () => void
  save: (picture: Picture) => Promise<unknown>
}

function EditPicture({ picture, skus, close, save }: EditProps) {
  const t = useT()
  useFocusBack()
  const [values, setValues] = useState({ alt: picture.alt, sku: picture.sku ?? null })
  const [problems, setProblems] = useState<readonly FieldProblem[]>([])
  const [error, setError] = useState<unknown>(undefined)
  const [busy, setBusy] = useState(false)
  const field = new Field<{ alt: Readonly<Record<string, string>>; sku: string | null }>(
    '',
    values,
    change => setValues(before => ({ ...before, ...change(before), alt: { ...change(before).alt } })),
    problems,
    'picture',
  )
  const go = async () => {
    setBusy(true)
    try {
      await save({ ...picture, ...values })
      close()
    } catch (refused) {
      const problem = asProblem(refused)
      setProblems(problem.errors)
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={t('picture.edit')}
      okText={t('picture.save')}
      okButtonProps={{ loading: busy }}
      onOk={() => void go()}
      onCancel={close}
      mask={{ closable: false }}
    >
      <div className="zg-form">
        {error !== undefined && problems.length === 0 ? <ProblemView error={error} /> : null}
        <NameField of={field.at('alt')} label={t('picture.alt')} help={t('picture.altHelp')} maxLength={500} />
        {skus.length > 1 ? (
          <SelectField<string>
            of={field.at('sku')}
            label={t('picture.sku')}
            help={t('picture.skuHelp')}
            clearable
            options={skus.map(code => ({ value: code, label: code }))}
          />
        ) : null}
      </div>
    </Modal>
  )
}
