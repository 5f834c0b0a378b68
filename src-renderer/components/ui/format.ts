/** Numbers, times and sizes in the reader's language. An empty locale is the system's. */
const orSystem = (locale: string): string | undefined => (locale === '' ? undefined : locale)

export function formatCount(count: number, locale = ''): string {
  return new Intl.NumberFormat(orSystem(locale)).format(count)
}

/** `1 client`, `24 clients`. */
export function counted(count: number, one: string, many = `${one}s`, locale = ''): string {
  return `${formatCount(count, locale)} ${count === 1 ? one : many}`
}

/** "84.2 kB": one decimal always, so that sizes below each other stand on their decimal. */
export function formatBytes(bytes: number, locale = ''): string {
  if (bytes < 1000) return counted(bytes, 'byte', 'bytes', locale)
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte']
  const step = Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const unit = units[step] ?? 'byte'
  const value = bytes / 1000 ** step
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 }
  return new Intl.NumberFormat(orSystem(locale), {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    ...digits,
  }).format(value)
}

/** "9 May 2026, 10:12". */
export function formatTime(iso: string, locale = ''): string {
  return new Intl.DateTimeFormat(orSystem(locale), {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(iso))
}

/** "9 May, 10:12", with the year only where it is not this one; it may break before the time, and only there. */
export function formatMoment(iso: string, locale = '', now = new Date()): string {
  const at = new Date(iso)
  const day = new Intl.DateTimeFormat(orSystem(locale), {
    day: 'numeric',
    month: 'short',
    ...(at.getFullYear() !== now.getFullYear() && { year: 'numeric' }),
  }).format(at)
  const time = new Intl.DateTimeFormat(orSystem(locale), { hour: '2-digit', minute: '2-digit' }).format(at)
  return [day, time].map((part) => part.replace(/\s/g, '\u00a0')).join(', ')
}

/** "14:02:11". */
export function formatClock(time: Date, locale = ''): string {
  return new Intl.DateTimeFormat(orSystem(locale), { timeStyle: 'medium' }).format(time)
}

const ages = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** "2 days ago", "just now". */
export function formatAge(iso: string, locale = '', now = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000
  const step = ages.find(([, size]) => Math.abs(seconds) >= size)
  if (!step) return 'just now'
  const format = new Intl.RelativeTimeFormat(orSystem(locale), { numeric: 'always', style: 'short' })
  return format.format(Math.trunc(seconds / step[1]), step[0])
}

/** "1 m 29 s left", from how far a job came since it started. */
export function formatRemaining(seconds: number): string {
  if (!Number.isFinite(seconds)) return ''
  const whole = Math.max(1, Math.ceil(seconds))
  return whole < 60 ? `${whole} s left` : `${Math.floor(whole / 60)} m ${whole % 60} s left`
}
