import type { Schemas } from '@/api/session'
import type { StateLook } from './values'

/** How each state of a parcel looks, wherever it stands; a new one does not compile until it has a look. */
export const PARCEL_STATES = {
  packed: { tone: 'warn', label: { 'zh-CN': '已打包', en: 'Packed' } },
  handed_over: { tone: 'busy', label: { 'zh-CN': '运输中', en: 'On its way' } },
  delivered: { tone: 'good', label: { 'zh-CN': '已签收', en: 'Delivered' } },
  undone: { tone: 'neutral', label: { 'zh-CN': '已撤销', en: 'Undone' } },
} as const satisfies Record<Schemas['ShipmentState'], StateLook>
