import type { StateLook } from '@/ui'

export const PRODUCT_STATES = {
  draft: { tone: 'neutral', label: { 'zh-CN': '草稿', en: 'Draft' } },
  published: { tone: 'good', label: { 'zh-CN': '已上架', en: 'Published' } },
  archived: { tone: 'warn', label: { 'zh-CN': '已归档', en: 'Archived' } },
} satisfies Record<string, StateLook>
