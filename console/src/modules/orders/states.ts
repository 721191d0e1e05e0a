import type { StateLook } from '@/ui'

/** The queues of work, as the server defines them. */
export const QUEUES = ['to_confirm', 'to_pay', 'to_pick', 'to_ship', 'to_refund', 'overdue'] as const

/** Where a payment is that a second person has to look at. */
export const PROPOSALS = ['waiting', 'approved', 'rejected'] as const

export const PROPOSAL_STATES: Readonly<Record<(typeof PROPOSALS)[number], StateLook>> = {
  waiting: { tone: 'warn', label: { 'zh-CN': '待复核', en: 'Waiting' } },
  approved: { tone: 'good', label: { 'zh-CN': '已批准', en: 'Approved' } },
  rejected: { tone: 'bad', label: { 'zh-CN': '已驳回', en: 'Rejected' } },
}
