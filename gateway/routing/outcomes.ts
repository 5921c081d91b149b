// Successes and failures of the last 30 seconds, counted in slots: bounded, however many there are.

const slotMs = 3000
const slots = 10

type Slot = { number: number, failed: number, all: number }

export class Outcomes {
  readonly #slots: Slot[] = Array.from({ length: slots }, () => ({ number: -slots, failed: 0, all: 0 }))

  add (isFailure: boolean, now: number): void {
    const number = Math.floor(now / slotMs)
    const slot = this.#slots[number % slots]!
    if (slot.number !== number) Object.assign(slot, { number, failed: 0, all: 0 })
    slot.all++
    if (isFailure) slot.failed++
  }

  counts (now: number): { readonly failed: number, readonly all: number } {
    const since = Math.floor(now / slotMs) - slots
    const recent = this.#slots.filter(({ number }) => number > since)
    const sum = (of: (slot: Slot) => number): number => recent.reduce((total, slot) => total + of(slot), 0)
    return { failed: sum(({ failed }) => failed), all: sum(({ all }) => all) }
  }

  clear (): void {
    for (const slot of this.#slots) slot.number = -slots
  }
}
