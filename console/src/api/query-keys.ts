/** Keys of a module's queries: `all` is what a change invalidates. */
export function queryKeys<const N extends string>(name: N) {
  return {
    all: [name] as const,
    lists: [name, 'list'] as const,
    list: (query: unknown) => [name, 'list', query] as const,
    detail: (id: number | string) => [name, 'detail', id] as const,
    part: (id: number | string, part: string) => [name, 'detail', id, part] as const,
    extra: (part: string, query?: unknown) => [name, part, query] as const,
  }
}
