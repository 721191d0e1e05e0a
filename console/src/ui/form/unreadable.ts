/** Marks an input whose text means nothing: the value below it is still the one before. */
export function unreadable(wrong: boolean): { 'data-unreadable'?: true } {
  return wrong ? { 'data-unreadable': true } : {}
}

/** Goes to the first such input; nothing is sent while there is one, because it would not be what is shown. */
export function toUnreadable(form: HTMLElement | null): boolean {
  const input = form?.querySelector<HTMLElement>('[data-unreadable]')
  input?.focus()
  return input !== null && input !== undefined
}
