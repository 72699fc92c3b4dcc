import type { WorkloadRef } from '../../platform/index.ts'

/** `orders.production.localhost`: letters, digits and `-` as they are, all else as `-`. */
export function hostOf({ service, environment }: WorkloadRef): string {
  return `${label(service)}.${label(environment)}.localhost`
}

export function previewHostOf(workload: WorkloadRef): string {
  return `preview--${hostOf(workload)}`
}

/** The name in a Host header, without the port and the final dot. */
export function hostName(header: string): string {
  const colon = header.lastIndexOf(':')
  const name = (colon > header.lastIndexOf(']') ? header.slice(0, colon) : header).toLowerCase()
  return name.endsWith('.') ? name.slice(0, -1) : name
}

export function workloadKey({ environment, service }: WorkloadRef): string {
  return `${environment}/${service}`
}

function label(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-')
}
