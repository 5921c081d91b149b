// What comes at a steady rate, and how long each took, counted from when it was due to be sent: a sender held up is no
// excuse.

/** The milliseconds that each of so many took. */
export type Arm = (count: number) => Promise<number[]>
export type OpenArm = { readonly run: Arm, readonly close: () => Promise<void> }

/** Who waits for what, by id. */
export class Arrivals {
  readonly #waiting = new Map<number, (at: number) => void>()

  see (id: number): void {
    this.#waiting.get(id)?.(performance.now())
    this.#waiting.delete(id)
  }

  of (id: number): Promise<number> {
    return new Promise(resolve => { this.#waiting.set(id, resolve) })
  }
}

export type Pace = { readonly count: number, readonly aSecond: number }

export type Sending = {
  /** Of the first, the second, … that is sent. */
  readonly id: (index: number) => number
  readonly send: (ids: readonly number[]) => Promise<void>
}

/** Sends each when it is due, one send at a time, what is overdue together; resolves once all have arrived. */
export async function paced ({ count, aSecond }: Pace, arrived: Arrivals, { id, send }: Sending): Promise<number[]> {
  const began = performance.now()
  const dueAt = (index: number): number => began + index * 1000 / aSecond
  const taken: Promise<number>[] = []
  while (taken.length < count) {
    const due: number[] = []
    while (taken.length < count && dueAt(taken.length) <= performance.now()) {
      const index = taken.length
      due.push(id(index))
      taken.push(arrived.of(id(index)).then(at => at - dueAt(index)))
    }
    if (due.length > 0) await send(due)
    else await new Promise(resolve => { setTimeout(resolve, 1) })
  }
  return await Promise.all(taken)
}

export function quantile (values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
}
