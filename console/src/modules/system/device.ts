const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/(Chrome|Chromium|CriOS)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

/** A browser as people call it: `Chrome · Windows`; else its first words. */
export function device(agent: string): string {
  const find = (of: readonly (readonly [RegExp, string])[]) => of.find(([mark]) => mark.test(agent))?.[1]
  const known = [find(BROWSERS), find(SYSTEMS)].filter(name => name !== undefined)
  return known.length > 0 ? known.join(' · ') : agent.slice(0, 40) || '—'
}
