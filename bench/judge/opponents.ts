import { hodgesLehmann, oneSidedP, zScore } from './mann-whitney.ts'
import { cumulative, errorRate, p95, quantile, type Recording, type Window } from './recording.ts'

/**
 * Judges of other tools, reimplemented from their documentation and sources (canary specification,
 * section 13). Each is asked after every second and keeps its own state.
 */
export type Opponent = {
  readonly name: string
  /** Seconds until its example schedule has everything on the canary, if nothing fails; null: it has none. */
  readonly promotesAfter: number | null
  /** A fresh judge: true when it rolls back now. */
  readonly start: () => (recording: Recording) => boolean
}

const ALPHA = 0.01

/** Over the limit, or no request at all: NaN satisfies no success condition. */
function failsCondition(window: Window, limit: number): boolean {
  return window.requests === 0 || errorRate(window) > limit
}

/** Argo Rollouts, docs/features/analysis.md, analysis/analysis.go; background analysis. */
const argoBackground: Opponent = {
  name: 'argo-background',
  promotesAfter: 2400,
  start() {
    let failures = 0
    return (recording) => {
      if (recording.elapsed % 300 !== 0) return false
      if (failsCondition(recording.window('canary', 300), 0.05)) failures += 1
      return failures > 3
    }
  },
}

const argoInline: Opponent = {
  name: 'argo-inline',
  promotesAfter: 600,
  start: () => (recording) =>
    recording.elapsed % 60 === 0 && failsCondition(recording.window('canary', 60), 0.05),
}

/** Flagger, pkg/controller/scheduler.go, docs/gitbook/tutorials/istio-progressive-delivery.md. */
const flagger: Opponent = {
  name: 'flagger',
  promotesAfter: 360,
  start() {
    let failures = 0
    return (recording) => {
      if (recording.elapsed % 60 !== 0) return false
      if (failures >= 5) return true
      const p99 = quantile(recording.window('canary', 30), 0.99)
      const isBad = failsCondition(recording.window('canary', 60), 0.01)
      if (isBad || p99 === null || p99 > 500) failures += 1
      return false
    }
  },
}

/** Kayenta, NetflixACAJudge with MannWhitneyClassifier; one value per minute, judged every 10 min. */
const kayenta: Opponent = {
  name: 'kayenta',
  promotesAfter: 1800,
  start: () => (recording) => {
    if (recording.elapsed % 600 !== 0) return false
    const minutes = recording.elapsed / 60
    const results = [errorRate, p95].map((value) => {
      const canary = recording.perMinute('canary', minutes, value)
      const baseline = recording.perMinute('baseline', minutes, value)
      return canary.length === 0 || baseline.length === 0 ? 'no data' : isHigh(canary, baseline)
    })
    return results.includes(true) || results.filter((result) => result === 'no data').length >= 1
  },
}

function isHigh(canary: readonly number[], baseline: readonly number[]): boolean {
  const least = 0.25 * Math.abs(hodgesLehmann(canary, baseline))
  const shifted = canary.map((value) => value - least)
  const [c, b] = [mean(canary), mean(baseline)]
  return zScore(shifted, baseline) > 2.326 && (c === 0 || b === 0 || c / b >= 1)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** PipeCD, pkg/app/pipedv1/plugin/analysis/executestage. */
const pipecd: Opponent = {
  name: 'pipecd',
  promotesAfter: 1800,
  start: () => (recording) => {
    if (recording.elapsed % 300 !== 0) return false
    return [errorRate, p95].some((value) => {
      const canary = recording.perMinute('canary', 5, value)
      const baseline = recording.perMinute('baseline', 5, value)
      if (canary.length === 0 || baseline.length === 0) return canary.length !== baseline.length
      return oneSidedP(canary, baseline) <= 0.05
    })
  },
}

function rule(name: string, isOver: (canary: Window, baseline: Window) => boolean): Opponent {
  return {
    name,
    promotesAfter: 1200,
    start: () => (recording) => {
      if (recording.elapsed < 60 || recording.elapsed % 15 !== 0) return false
      const canary = recording.window('canary', 60)
      return canary.requests > 0 && isOver(canary, recording.window('baseline', 60))
    },
  }
}

/** Stands for gates on monitors; commercial ones publish no exact rule. */
const watch: Opponent = {
  name: 'watch',
  promotesAfter: 900,
  start: () => (recording) => {
    if (recording.elapsed > 900 || recording.elapsed % 60 !== 0) return false
    const canary = recording.window('canary', 300)
    return canary.requests > 0 && errorRate(canary) > 0.05
  },
}

/** Lindon, Malek, arXiv 2011.03567, with the nominal weight. */
const lindonMalek: Opponent = {
  name: 'lindon-malek',
  promotesAfter: null,
  start: () => (recording) => {
    const w = recording.weight
    const { errors: c } = recording.window('canary', recording.elapsed)
    const { errors: b } = recording.window('baseline', recording.elapsed)
    const log =
      logBeta(20 * w + c, 20 * (1 - w) + b) -
      logBeta(20 * w, 20 * (1 - w)) -
      c * Math.log(w) -
      b * Math.log(1 - w)
    return log >= Math.log(2 / ALPHA) && c * (1 - w) > b * w
  },
}

/** Howard, Ramdas, arXiv 1906.09712, as used by Lindon, Sanden, Shirikian, arXiv 2205.14762. */
const howardRamdas: Opponent = {
  name: 'howard-ramdas',
  promotesAfter: null,
  start: () => (recording) => {
    if (recording.elapsed % 5 !== 0) return false
    const canary = recording.window('canary', recording.elapsed)
    const baseline = recording.window('baseline', recording.elapsed)
    if (canary.requests === 0 || baseline.requests === 0) return false
    const slower = cumulative(canary)
    const gap = Math.max(...cumulative(baseline).map((share, k) => share - slower[k]!))
    return gap > radius(canary.requests) + radius(baseline.requests)
  },
}

function radius(n: number): number {
  return 0.85 * Math.sqrt((Math.log(Math.log(Math.E * n)) + 0.8 * Math.log((1612 * 4) / ALPHA)) / n)
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** Stirling's series after shifting the argument above 10; better than 1e-10 for positive ones. */
function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x)
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5)
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series
}

export const OPPONENTS: readonly Opponent[] = [
  argoBackground,
  argoInline,
  flagger,
  kayenta,
  pipecd,
  rule('error-rate-0.1pc', (canary) => errorRate(canary) > 0.001),
  rule('error-rate-5pc', (canary) => errorRate(canary) > 0.05),
  rule('p95-2x', (canary, baseline) => p95(canary) > 2 * p95(baseline)),
  watch,
  lindonMalek,
  howardRamdas,
]
