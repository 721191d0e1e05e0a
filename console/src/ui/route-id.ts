import { useParams } from '@tanstack/react-router'

/** The `$id` of the page's path: a number, or the page would not have been opened. */
export function useRouteId(): number {
  const params: Record<string, string | undefined> = useParams({ strict: false })
  return Number(params['id'])
}
