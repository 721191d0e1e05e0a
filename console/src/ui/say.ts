import { useUi } from './texts'

/** The kit's own texts, for functions that are handed them. */
export type Say = ReturnType<typeof useUi>
export const useUiSay = useUi
