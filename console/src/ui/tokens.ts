import { type ThemeConfig, theme } from 'antd'

/**
 * Every colour, radius and distance of the console.
 *
 * One accent. All other colours mean a state. CSS reads them as `var(--zg-…)`.
 */
export type Mode = 'light' | 'dark'

const light = {
  bg: '#f4f6f6',
  surface: '#ffffff',
  sunken: '#eef2f2',
  hover: '#f0f4f4',
  line: '#dfe6e6',
  'line-strong': '#bccaca',
  text: '#15211f',
  'text-2': '#475656',
  'text-3': '#5f6e6e',
  accent: '#0b6468',
  'accent-hover': '#0e7a7f',
  'accent-text': '#0a5f63',
  'accent-soft': '#e1f0ef',
  'on-accent': '#ffffff',
  neutral: '#4a5858',
  'neutral-soft': '#e9eeee',
  busy: '#1c549e',
  'busy-soft': '#e4eefb',
  good: '#1b6a3a',
  'good-soft': '#e2f3e7',
  warn: '#855100',
  'warn-soft': '#fbefd9',
  bad: '#ab2424',
  'bad-soft': '#fce8e6',
  shadow: '0 8px 28px rgb(16 40 40 / 14%), 0 1px 3px rgb(16 40 40 / 10%)',
  veil: 'rgb(16 28 28 / 38%)',
} as const

type Colors = Record<keyof typeof light, string>

const dark: Colors = {
  bg: '#0f1415',
  surface: '#161c1e',
  sunken: '#101617',
  hover: '#1d2527',
  line: '#283234',
  'line-strong': '#46555a',
  text: '#e5ecec',
  'text-2': '#b0bdbd',
  'text-3': '#93a2a2',
  accent: '#1a7a7e',
  'accent-hover': '#208a8f',
  'accent-text': '#69c9c8',
  'accent-soft': '#143234',
  'on-accent': '#ffffff',
  neutral: '#b8c4c4',
  'neutral-soft': '#273032',
  busy: '#8fbcf5',
  'busy-soft': '#172a45',
  good: '#7fd19b',
  'good-soft': '#14311f',
  warn: '#ecbd6c',
  'warn-soft': '#3a2b10',
  bad: '#ff9f98',
  'bad-soft': '#451d1c',
  shadow: '0 10px 32px rgb(0 0 0 / 55%), 0 0 0 1px rgb(255 255 255 / 5%)',
  veil: 'rgb(0 0 0 / 58%)',
}

export const colors: Record<Mode, Colors> = { light, dark }

/** One radius. */
export const RADIUS = 6
/** One spacing scale, in pixels: `--zg-s1` … `--zg-s8`. */
export const SPACE = [4, 8, 12, 16, 24, 32, 48, 64] as const

export const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif'
export const MONO =
  'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono", "Noto Sans Mono CJK SC", monospace'

/** Lines and bars of charts, told apart also without colour by dash and marker. */
export const series: Record<Mode, readonly string[]> = {
  light: ['#0b6468', '#c07a1c', '#5a63b8', '#8f3f71'],
  dark: ['#4fb6b5', '#e0a95c', '#98a0ec', '#d58bb9'],
}

/** Puts the tokens on the page as CSS variables. */
export function applyTokens(mode: Mode, root: HTMLElement = document.documentElement): void {
  for (const [name, value] of Object.entries(colors[mode])) root.style.setProperty(`--zg-${name}`, value)
  SPACE.forEach((px, at) => {
    root.style.setProperty(`--zg-s${at + 1}`, `${px}px`)
  })
  root.style.setProperty('--zg-radius', `${RADIUS}px`)
  root.style.setProperty('--zg-font', FONT)
  root.style.setProperty('--zg-mono', MONO)
  root.style.colorScheme = mode
  root.dataset['theme'] = mode
}

/** The same tokens for Ant Design; `still` for those who asked for no motion. */
export function antdTheme(mode: Mode, still: boolean): ThemeConfig {
  const c = colors[mode]
  return {
    algorithm: mode === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: c.accent,
      colorPrimaryHover: c['accent-hover'],
      colorPrimaryActive: c.accent,
      colorPrimaryText: c['accent-text'],
      colorPrimaryBg: c['accent-soft'],
      colorLink: c['accent-text'],
      colorLinkHover: c['accent-hover'],
      colorInfo: c.busy,
      colorText: c.text,
      colorTextSecondary: c['text-2'],
      colorTextTertiary: c['text-3'],
      colorTextDescription: c['text-3'],
      colorTextPlaceholder: c['text-3'],
      colorBgBase: mode === 'dark' ? '#0f1415' : '#ffffff',
      colorBgLayout: c.bg,
      colorBgContainer: c.surface,
      colorBgElevated: mode === 'dark' ? '#1c2426' : c.surface,
      colorBorder: c['line-strong'],
      colorBorderSecondary: c.line,
      colorSplit: c.line,
      colorError: mode === 'dark' ? '#d2524c' : '#b42a2a',
      colorErrorText: c.bad,
      colorSuccess: mode === 'dark' ? '#49a568' : '#23814a',
      colorWarning: mode === 'dark' ? '#cf963a' : '#b97409',
      borderRadius: RADIUS,
      borderRadiusSM: RADIUS - 2,
      borderRadiusLG: RADIUS + 2,
      fontFamily: FONT,
      fontFamilyCode: MONO,
      fontSize: 14,
      controlHeight: 34,
      controlHeightSM: 28,
      wireframe: false,
      motion: !still,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.16s',
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', fontWeight: 500 },
      Tooltip: { maxWidth: 360 },
      // Who may only read reads these all day.
      Input: { colorTextDisabled: c['text-2'] },
      InputNumber: { colorTextDisabled: c['text-2'] },
      Select: { colorTextDisabled: c['text-2'], multipleItemColorDisabled: c['text-2'] },
      Checkbox: { colorTextDisabled: c['text-2'] },
      Radio: { colorTextDisabled: c['text-2'] },
    },
  }
}
