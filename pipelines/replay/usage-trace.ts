// Recorded requests to language models: when each came, what it took in and what it gave out. Where they come from, and
// under which licences they are here, says data/usage/README.md.

import { fileURLToPath } from 'node:url'
import { tokens, type Tokens } from '../../schemas/units.ts'
import { linesOf } from './lines.ts'

export const traceName = ['conv', 'code', 'mooncake'] as const
export type TraceName = typeof traceName[number]

export type TracedRequest = {
  /** From 0, in the order in which they came. */
  readonly number: number
  /** Since the first one. */
  readonly afterMs: number
  readonly inputTokens: Tokens
  readonly outputTokens: Tokens
}

export type Trace = {
  readonly name: TraceName
  readonly requests: readonly TracedRequest[]
  readonly inputTokens: number
  readonly outputTokens: number
}

/** What is published with the traces of what they come to. */
export const tracedSums: Readonly<Record<TraceName, Omit<Trace, 'name' | 'requests'> & { readonly requests: number }>> = {
  conv: { requests: 19_366, inputTokens: 22_361_870, outputTokens: 4_088_665 },
  code: { requests: 8819, inputTokens: 18_059_974, outputTokens: 245_896 },
  mooncake: { requests: 12_031, inputTokens: 144_793_823, outputTokens: 4_122_048 }
}

type Line = { readonly at: number, readonly input: number, readonly output: number }

const csvPattern = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})\d*,(\d+),(\d+)$/

function readCsv (text: string): Line {
  const [, day, time, input, output] = csvPattern.exec(text) ?? []
  if (day === undefined) throw new Error(`not a request: ${text}`)
  return { at: Date.parse(`${day}T${time ?? ''}Z`), input: Number(input), output: Number(output) }
}

type Json = { readonly timestamp: number, readonly input_length: number, readonly output_length: number }

function readJson (text: string): Line {
  const { timestamp, input_length: input, output_length: output } = JSON.parse(text) as Json
  return { at: timestamp, input, output }
}

type Source = { readonly file: string, readonly hasHeader: boolean, readonly read: (text: string) => Line }

const sources: Readonly<Record<TraceName, Source>> = {
  conv: { file: 'AzureLLMInferenceTrace_conv.csv.gz', hasHeader: true, read: readCsv },
  code: { file: 'AzureLLMInferenceTrace_code.csv.gz', hasHeader: true, read: readCsv },
  mooncake: { file: 'mooncake_conversation_trace.jsonl.gz', hasHeader: false, read: readJson }
}

/** The first `limit` requests; whole, it comes to what was published. */
export async function readTrace (name: TraceName, limit = Infinity): Promise<Trace> {
  const { file, hasHeader, read } = sources[name]
  const requests: TracedRequest[] = []
  const sums = { inputTokens: 0, outputTokens: 0 }
  let first: number | undefined
  let isHeader = hasHeader
  for await (const lines of linesOf(fileURLToPath(new URL(`data/usage/${file}`, import.meta.url)))) {
    for (const text of lines) {
      if (isHeader) {
        isHeader = false
        continue
      }
      if (requests.length >= limit) break
      const { at, input, output } = read(text)
      first ??= at
      const taken = { inputTokens: tokens(input), outputTokens: tokens(output) }
      requests.push({ number: requests.length, afterMs: at - first, ...taken })
      sums.inputTokens += input
      sums.outputTokens += output
    }
    if (requests.length >= limit) break
  }
  return { name, requests, ...sums }
}
