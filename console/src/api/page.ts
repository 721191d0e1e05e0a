/** A page of a list, as every list of the API answers. */
export type Page<Row> = {
  data: readonly Row[]
  meta: { next_cursor?: string | null | undefined; total?: number | null | undefined }
}
