import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { makeQueryClient } from '@/api/query-client'
import { ThemeProvider } from '@/ui/theme'
import { makeRouter } from './router'

const queryClient = makeQueryClient()
const router = makeRouter(queryClient)

export function Console() {
  return (
    <QueryClientProvider client={queryClient}>
      <ThemeProvider>
        <RouterProvider router={router} />
      </ThemeProvider>
    </QueryClientProvider>
  )
}
