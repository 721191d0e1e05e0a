import { QueryClient } from '@tanstack/react-query'
import { asProblem } from './problem'

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: true,
        // A refusal stays a refusal; only the network and a server in trouble are asked again.
        retry: (count, error) => {
          const { status } = asProblem(error)
          return count < 2 && (status === 0 || status >= 502)
        },
      },
      mutations: { retry: false },
    },
  })
}
