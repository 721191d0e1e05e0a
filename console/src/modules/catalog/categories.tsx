import './catalog.css'
import { CaretDownOutlined, CaretRightOutlined, EditOutlined, HolderOutlined, PlusOutlined } from '@ant-design/icons'
import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  type DragMoveEvent,
  PointerSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
} from '@dnd-kit/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { useState } from 'react'
import { api, asProblem, unwrap, useMay } from '@/api'
import { useName } from '@/i18n'
import { Card, Empty, Loaded, Page, PathLink, Quantity, useProblemText } from '@/ui'
import { CategoryDrawer } from './category'
import { type CategoryView, categoriesQuery, categoryKeys, tagOf } from './queries'
import { useT } from './texts'
import { type Landing, landing, shown } from './tree'

/** How far to the side is one step deeper, in pixels. */
const STEP = 24

/** The category tree (M2.12): dragged by its handle, or moved in the drawer. */
export default function Categories() {
  const t = useT()
  const may = useMay()
  const tree = useQuery(categoriesQuery)
  const [open, setOpen] = useState<{ id?: number; parent?: number } | undefined>(undefined)
  const writes = may('categories.write')
  const create = writes ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({})}>
      {t('category.new')}
    </Button>
  ) : null
  return (
    <Page title={t('category.title')} actions={create}>
      <Loaded of={tree}>
        {rows => (
          <>
            <Card flush>
              {rows.length === 0 ? (
                <Empty title={t('category.empty')} action={create}>
                  {t('category.emptyHelp')}
                </Empty>
              ) : (
                <Tree rows={rows} writes={writes} edit={id => setOpen({ id })} add={parent => setOpen({ parent })} />
              )}
            </Card>
            {open ? (
              <CategoryDrawer
                key={open.id ?? `new-${open.parent ?? 0}`}
                tree={rows}
                category={rows.find(row => row.id === open.id)}
                parent={open.parent}
                close={() => setOpen(undefined)}
              />
            ) : null}
          </>
        )}
      </Loaded>
    </Page>
  )
}

type TreeProps = {
  rows: readonly CategoryView[]
  writes: boolean
  edit: (id: number) => void
  add: (parent: number) => void
}

function Tree({ rows, writes, edit, add }: TreeProps) {
  const t = useT()
  const client = useQueryClient()
  const { message, notification } = App.useApp()
  const textOf = useProblemText()
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set())
  const [moving, setMoving] = useState<number | undefined>(undefined)
  const [place, setPlace] = useState<{ over: number; at: Landing } | undefined>(undefined)
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 4 } }))
  const visible = shown(rows, folded, moving)
  const parents = new Set(rows.map(row => row.parent_id))
  const landingOf = ({ active, over, delta }: DragMoveEvent | DragEndEvent) => {
    if (!over) return undefined
    const at = landing(visible, Number(active.id), Number(over.id), Math.round(delta.x / STEP))
    return at ? { over: Number(over.id), at } : undefined
  }
  const drop = async (event: DragEndEvent) => {
    const landed = landingOf(event)
    setMoving(undefined)
    setPlace(undefined)
    const row = rows.find(each => each.id === event.active.id)
    if (!row || !landed) return
    const { parent_id, position } = landed.at
    if (parent_id === (row.parent_id ?? null) && position === row.position) return
    try {
      await unwrap(
        api.POST('/api/v1/admin/categories/{id}/move', {
          params: { path: { id: row.id }, header: { 'If-Match': tagOf(row) } },
          body: { parent_id, position },
        }),
      )
      void message.success(t('category.moved'))
    } catch (error) {
      notification.error({ title: t('category.move'), description: textOf(asProblem(error)) })
    }
    await client.invalidateQueries({ queryKey: categoryKeys.all })
  }
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragStart={({ active }) => setMoving(Number(active.id))}
      onDragMove={event => setPlace(landingOf(event))}
      onDragCancel={() => {
        setMoving(undefined)
        setPlace(undefined)
      }}
      onDragEnd={event => void drop(event)}
    >
      <ul className="zg-tree" aria-label={t('category.title')}>
        {visible.map(row => (
          <Row
            key={row.id}
            row={row}
            depth={row.id === moving && place ? place.at.depth : row.depth}
            parent={parents.has(row.id)}
            folded={folded.has(row.id)}
            fold={() =>
              setFolded(before => {
                const next = new Set(before)
                if (!next.delete(row.id)) next.add(row.id)
                return next
              })
            }
            moving={row.id === moving}
            target={place?.over === row.id && row.id !== moving}
            writes={writes}
            edit={() => edit(row.id)}
            add={() => add(row.id)}
          />
        ))}
      </ul>
    </DndContext>
  )
}

type RowProps = {
  row: CategoryView
  depth: number
  parent: boolean
  folded: boolean
  fold: () => void
  moving: boolean
  target: boolean
  writes: boolean
  edit: () => void
  add: () => void
}

function Row({ row, depth, parent, folded, fold, moving, target, writes, edit, add }: RowProps) {
  const t = useT()
  const nameOf = useName()
  const drag = useDraggable({ id: row.id, disabled: !writes })
  const drop = useDroppable({ id: row.id })
  const name = nameOf(row.name) || row.code
  return (
    <li
      ref={drop.setNodeRef}
      className="zg-tree-row"
      data-moving={moving}
      data-target={target}
      style={{ paddingInlineStart: 12 + depth * STEP }}
    >
      {writes ? (
        // Pressed by keyboard, the row opens where it can be moved by name.
        <button
          ref={drag.setNodeRef}
          type="button"
          className="zg-plain zg-tree-handle"
          aria-label={t('category.moveThis', { name })}
          title={t('category.dragHelp')}
          {...drag.listeners}
          onClick={edit}
        >
          <HolderOutlined />
        </button>
      ) : null}
      {parent ? (
        <button
          type="button"
          className="zg-plain zg-tree-fold"
          aria-expanded={!folded}
          aria-label={folded ? t('category.unfold', { name }) : t('category.fold', { name })}
          onClick={fold}
        >
          {folded ? <CaretRightOutlined /> : <CaretDownOutlined />}
        </button>
      ) : (
        <span className="zg-tree-fold" />
      )}
      <span className="zg-tree-name">
        {name} <span className="zg-quiet zg-mono">{row.code}</span>
      </span>
      <PathLink to={`/products?category_id=${row.id}`} title={t('category.products')}>
        <Quantity value={row.products} />{' '}
        <span className="zg-wide-only">{t('category.items', { count: row.products })}</span>
      </PathLink>
      {writes ? (
        <>
          <Button
            size="small"
            type="text"
            icon={<PlusOutlined />}
            aria-label={t('category.addBelow', { name })}
            title={t('category.addBelow', { name })}
            onClick={add}
          />
          <Button
            size="small"
            type="text"
            icon={<EditOutlined />}
            aria-label={t('category.edit', { name })}
            title={t('category.edit', { name })}
            onClick={edit}
          />
        </>
      ) : null}
    </li>
  )
}
