import { useCallback } from 'react'
import { useMailT } from './texts'

/** Why a mail did not leave: our own reasons in words, what the mail server said as it is. */
export function useLastError(): (error: string) => string {
  const t = useMailT()
  return useCallback(
    error => (error === 'worker_lost' ? t('workerLost') : error === 'erased' ? t('wasErased') : error),
    [t],
  )
}
