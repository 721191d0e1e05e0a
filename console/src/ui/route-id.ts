import { notFound, useParams } from '@tanstack/react-router'

/** The `$id` of the page's path; anything but a number is a page that does not exist. */
export function useRouteId(name = 'id'): number {
  const params: Record<string, string | undefined> = useParams({ strict: false })
  const id = Number(params[name])
  if (!Number.isSafeInteger(id) || id <= 0) throw notFound()
  return id
}
