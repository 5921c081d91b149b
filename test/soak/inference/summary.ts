// The outcome of the soak of inference, for people.

import type { InferenceSoak } from './soak.ts'

export function inferenceText (soak: InferenceSoak): string {
  const { served, refused, cut, againMs, upstream, books, freeLater, seconds, faults } = soak
  const again = againMs === null ? 'none' : `one, live again after ${(againMs / 1000).toFixed(1)} s`
  return [
    `clients    ${served} served, ${refused} refused, ${cut} cut; ${seconds} s`,
    `killed     ${again}`,
    `ledger     ${books.captured} billed once, ${books.drawn} tokens drawn; ${books.open} open, ${books.held} tokens held`,
    `           ${books.refused} refused, ${books.starts} starts, ${books.voided} voided`,
    `           ${freeLater} tokens free a quarter of an hour later`,
    `upstream   ${upstream.begun} answers begun, ${upstream.abandoned} given up`,
    ...faults.map(fault => `DIFFERS    ${fault}`)
  ].join('\n')
}
