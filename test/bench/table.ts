// The rows as a person reads them: figures side by side, conditions below.

import type { BenchRow } from './row.ts'

const headings = ['bench', 'value', '', 'beside', 'value', 'ratio', 'goal', '']
const isLeft = [true, false, true, true, false, false, false, true]

export function tableText (rows: readonly BenchRow[]): string {
  const cells = rows.map(({ name, unit, value, beside, besideValue, ratio, goal, ok }) => [
    name, inWords(value), unit, beside, inWords(besideValue), String(ratio), goal === null ? '' : String(goal),
    goal === null ? '' : ok ? 'ok' : 'MISSED'
  ])
  const widths = headings.map((heading, column) => Math.max(heading.length, ...cells.map(line => line[column]!.length)))
  const lines = [headings, ...cells].map(line =>
    line.map((cell, column) => isLeft[column] === true ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)).join('  ').trimEnd())
  const notes = rows.map(({ name, conditions }) => `${name}: ${conditions}`)
  return [...lines, '', 'Ratios: higher is better.', ...notes].join('\n')
}

const inWords = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 2 })
