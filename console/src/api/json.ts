/**
 * Reads JSON that this program wrote itself, or that the API's schema describes.
 *
 * The one place where a type is believed instead of proven: `JSON.parse` says nothing about its result.
 */
export function readJson<T>(text: string): T {
  return JSON.parse(text)
}

/** What is stored under a key, or the fallback if there is nothing readable. */
export function readStored<T>(storage: Storage, key: string, fallback: T): T {
  try {
    const text = storage.getItem(key)
    return text === null ? fallback : readJson<T>(text)
  } catch {
    return fallback
  }
}

export function writeStored(storage: Storage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value))
  } catch {
    // A full or forbidden storage only loses a convenience.
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
