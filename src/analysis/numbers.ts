/** Numbers as people read them in a reason. */

/** 8000 → `8,000`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A share 0..1 → `2.6%`, `0.05%`, `10%`. */
export function rate(value: number): string {
  return `${percent(value)}%`
}

/** A difference of shares 0..1 → `2.0pp`. */
export function points(value: number): string {
  const text = percent(value)
  return `${text.includes('.') ? text : `${text}.0`}pp`
}

/** A ratio → `2.0`. */
export function ratio(value: number): string {
  return value.toFixed(Number.isInteger(Math.round(value * 1e6) / 1e5) ? 1 : 2)
}

/** Milliseconds → `9.4 ms`, `240 ms`. */
export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : count(value)} ms`
}

/** Seconds → `84 s`, `15 min`, `3 h`. */
export function seconds(value: number): string {
  if (value < 600) return `${count(Math.max(1, value))} s`
  if (value < 7200) return `${count(value / 60)} min`
  return `${count(value / 3600)} h`
}

function percent(value: number): string {
  const scaled = value * 100
  const digits = scaled === 0 || Math.abs(scaled) >= 0.1 ? 1 : 2
  return scaled.toFixed(digits).replace(/\.0+$/, '')
}
