/** What pages are made of. Each part exists once. */
export { Action, type AllowedAction, ReasonField, type WithActions } from './action'
export { Address } from './address'
export { Chart, type ChartProps, type ChartSeries } from './chart/chart'
export { DetailPage, Timeline, type TimelineItem } from './detail'
export { Card, Empty, Facts, Loading, Page, ProblemView, Skeleton, useProblemText } from './feedback'
export { useFocusBack } from './focus-back'
export { MoneyCell, NumberCell, TextCell } from './form/cells'
export { CountryField } from './form/country'
export { append, Field, items, removeAt } from './form/field'
export {
  AreaField,
  type Bound,
  DayField,
  FieldBox,
  MoneyField,
  NameField,
  NumberField,
  SelectField,
  SwitchField,
  TagsField,
  TextField,
} from './form/fields'
export { Form } from './form/form'
export { type Form as FormState, type Saving, useForm } from './form/use-form'
export {
  dayStart,
  exponent,
  formatDay,
  formatDayBrief,
  formatDays,
  formatInstant,
  formatMinute,
  formatMoney,
  formatMoneyBrief,
  formatMonth,
  formatNumber,
  formatPpm,
  type MoneyValue,
  nextDay,
  parseMoney,
  plainMoney,
  shopDay,
} from './format'
export { isOpen, JOB_STATES, Job, type JobLike, useJobName } from './job'
export { type LiveEvent, useFresh, useLiveEvents, useLiveRefresh } from './live'
export { Loaded } from './loaded'
export { PathLink, useGo } from './path'
export { useRouteId } from './route-id'
export { usePaletteCommand } from './shell/palette-registry'
export { useKeysAnywhere } from './shortcut'
export { FULFILMENT_STATES, ORDER_STATES, PARCEL_STATES, PAYMENT_STATES } from './states'
export { dateFilter, enumFilter, type Filter, flagFilter, moneyFilter, type Option, textFilter } from './table/filters'
export { useKeys } from './table/keys'
export { type ListQuery, type Search, useListState } from './table/list-state'
export { PlainTable } from './table/plain-table'
export { type Column, ResourceTable } from './table/resource-table'
export type { RowId, Selection } from './table/selection'
export type { View } from './table/view-text'
export { useMode } from './theme'
export { useNow } from './use-now'
export {
  Badge,
  Day,
  Money,
  None,
  Person,
  Quantity,
  Share,
  SkuCode,
  StateBadge,
  type StateLook,
  Time,
  type Tone,
} from './values'
