// `ModelsPort`: which models were delivered in the last thirty days. It is asked of ClickHouse now and then, when
// somebody looks; who looks never waits, and is told what was known before.

import type { DeliveredModels } from '../../analytics/delivered-models.ts'
import { instant, type Instant } from '../../schemas/units.ts'
import type { ModelsPort } from '../consumption/ports.ts'

const spanMs = 30 * 24 * 60 * 60_000
/** All reports of the span are read for it. */
const everyMs = 60 * 60_000

export type DeliveredOptions = {
  readonly fetched: (since: Instant) => Promise<DeliveredModels>
  readonly now: () => Instant
  readonly elapsedMs: () => number
  readonly warn: (about: object, text: string) => void
}

export function modelsPort ({ fetched, now, elapsedMs, warn }: DeliveredOptions): ModelsPort {
  let known: DeliveredModels = new Map()
  let askedAt = -Infinity
  const fetch = (): void => {
    fetched(instant(now() - spanMs)).then(found => { known = found }, (error: unknown) => {
      warn({ error: String(error) }, 'which models were delivered is not known')
    })
  }
  return {
    delivered (instrumentId) {
      if (elapsedMs() - askedAt >= everyMs) {
        askedAt = elapsedMs()
        fetch()
      }
      return known.get(instrumentId) ?? []
    }
  }
}
