// How long it takes until all is answered again after a blow: from it until commands that were sent after it have been
// answered by every partition that the process may have led, or by the gateway that was hit.

import { topics } from '../../../schemas/topics.ts'
import type { Told } from './desk.ts'
import type { Blow } from './plan.ts'

export type Recovery = Blow & {
  /** Null where too little was sent for it to be known. */
  readonly answeredMs: number | null
  /** Until the process is live again. */
  readonly againMs: number
  /** How many commands had to be asked again meanwhile. */
  readonly askedAgain: number
}

type Watch = { readonly from: number, readonly waits: Set<string>, answeredMs: number | null, askedAgain: number }

export class Recoveries {
  readonly all: Recovery[] = []
  readonly #watches = new Set<Watch>()
  readonly #instruments: readonly string[]
  readonly #gateways: number

  constructor (instruments: readonly string[], gateways: number) {
    this.#instruments = instruments
    this.#gateways = gateways
  }

  /** Call it at the blow; what it returns, once the process is live again. */
  begin (blow: Blow): () => void {
    const from = performance.now()
    const watch: Watch = { from, waits: new Set(this.#partsOf(blow.process)), answeredMs: null, askedAgain: 0 }
    this.#watches.add(watch)
    return () => {
      const againMs = performance.now() - from
      // What is not answered yet may be for a moment.
      this.all.push({
        ...blow,
        againMs,
        get answeredMs () { return watch.answeredMs },
        get askedAgain () { return watch.askedAgain }
      })
    }
  }

  #partsOf (process: string): string[] {
    const numbered = (what: string, length: number): string[] => Array.from({ length }, (_, index) => `${what} ${index}`)
    if (process.startsWith('ledger')) return numbered('ledger', topics.ledger.partitions)
    if (process.startsWith('matching')) return [...this.#instruments]
    const [, gateway] = /^gateway-(\d+)$/.exec(process) ?? []
    return gateway === undefined ? numbered('gateway', this.#gateways) : [`gateway ${Number(gateway) - 1}`]
  }

  hear ({ holder, gateway, intention, order, sentAt, toldAt, asks }: Told): void {
    for (const watch of this.#watches) {
      if (sentAt < watch.from) continue
      if (asks > 1) watch.askedAgain++
      watch.waits.delete(`ledger ${holder % topics.ledger.partitions}`)
      watch.waits.delete(`gateway ${gateway}`)
      // An order that was answered has been to matching and back.
      if (order !== null && intention.kind === 'place') watch.waits.delete(String(intention.body['market_id']))
      if (watch.waits.size > 0) continue
      watch.answeredMs = toldAt - watch.from
      this.#watches.delete(watch)
    }
  }
}
