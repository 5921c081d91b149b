// A counter for what happens a hundred thousand times a second: counted in a map, shown when it is asked for.

import { Counter, type Registry } from 'prom-client'

export type TallyOptions = {
  readonly name: string
  readonly help: string
  /** The one label that is counted by. */
  readonly label: string
}

export class Tally {
  readonly #counts = new Map<string, number>()

  constructor (registry: Registry, { name, help, label }: TallyOptions) {
    const counts = this.#counts
    registry.registerMetric(new Counter({
      name,
      help,
      labelNames: [label],
      registers: [],
      collect () {
        this.reset()
        for (const [value, count] of counts) this.inc({ [label]: value }, count)
      }
    }))
  }

  add (value: string): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1)
  }
}
