import { useRouter } from '@tanstack/react-router'
import { type AnchorHTMLAttributes, useCallback } from 'react'

/** Goes to a path of the console, such as `/orders/12?tab=parcels`. */
export function useGo(): (path: string, options?: { replace?: boolean }) => void {
  const router = useRouter()
  return useCallback(
    (path, options) => {
      const { pathname, search, hash } = new URL(path, location.origin)
      const at = `${trim(router.basepath)}${pathname}${search}${hash}`
      if (options?.replace) router.history.replace(at)
      else router.history.push(at)
    },
    [router],
  )
}

/** The address of a path, as it stands in the browser's bar. */
export function useHref(path: string): string {
  const router = useRouter()
  return router.history.createHref(trim(router.basepath) + path)
}

type Props = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & { to: string }

/** A link by path, for rows and palette entries whose place is data. */
export function PathLink({ to, onClick, ...rest }: Props) {
  const go = useGo()
  const href = useHref(to)
  return (
    <a
      {...rest}
      href={href}
      onClick={event => {
        onClick?.(event)
        if (
          event.defaultPrevented ||
          event.button !== 0 ||
          event.metaKey ||
          event.ctrlKey ||
          event.shiftKey ||
          event.altKey
        )
          return
        event.preventDefault()
        go(to)
      }}
    />
  )
}

function trim(base: string): string {
  const path = base.replace(/^\/+|\/+$/g, '')
  return path === '' ? '' : `/${path}`
}
