import type { CanaryStep, Strategy } from '../config/index.ts'

/** A strategy in one line for people: `canary 5% → 25% → 100%`. */
export function strategyText(strategy: Strategy): string {
  switch (strategy.kind) {
    case 'recreate':
      return 'recreate'
    case 'rolling':
      return `rolling, ${strategy.maxSurge} more, ${strategy.maxUnavailable} fewer`
    case 'blue-green':
      return `blue-green, old held ${strategy.holdSeconds} s`
    case 'canary':
      return `canary ${strategy.steps.map(stepText).join(' → ')}`
    case 'shadow':
      return `shadow ${strategy.percent}% for ${strategy.seconds} s`
  }
}

function stepText(step: CanaryStep): string {
  switch (step.kind) {
    case 'weight':
      return `${step.weight}%`
    case 'header':
      return `${step.name}: ${step.value}`
    case 'pause':
      return step.seconds === null ? 'pause' : `pause ${step.seconds} s`
  }
}
