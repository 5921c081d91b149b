// One line of the table that `npm run bench` prints.

export type BenchRow = {
  readonly name: string
  readonly unit: string
  readonly value: number
  /** What it is measured beside, in the same run, on the same input. */
  readonly beside: string
  readonly besideValue: number
  /** Higher is better. */
  readonly ratio: number
  /** What the ratio should be; null where none is set. */
  readonly goal: number | null
  readonly ok: boolean
  readonly conditions: string
}

export function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
