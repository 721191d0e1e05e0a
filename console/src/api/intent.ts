/**
 * What somebody means to do once: its key is made as the dialog opens and is
 * the same however often the button is pressed or the request repeated.
 */
export type Intent<C> = { readonly key: string; readonly body: C }

/** A new key, 128 random bits; also where the page is not a secure context. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** The header that makes a request happen once: `headers: sends({ key })`. */
export function sends({ key }: { key: string }): Record<string, string> {
  return { 'Idempotency-Key': key }
}
