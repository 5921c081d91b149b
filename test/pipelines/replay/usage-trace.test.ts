import { expect, test } from 'vitest'
import { readTrace, traceName, tracedSums } from '../../../pipelines/replay/usage-trace.ts'

test.each(traceName)('%s comes to what was published of it, in the order in which requests came', async name => {
  const trace = await readTrace(name)
  const { requests, inputTokens, outputTokens } = trace
  expect({ requests: requests.length, inputTokens, outputTokens }).toEqual(tracedSums[name])
  const sum = (of: 'inputTokens' | 'outputTokens'): number => requests.reduce((total, request) => total + request[of], 0)
  expect([sum('inputTokens'), sum('outputTokens')]).toEqual([inputTokens, outputTokens])
  const isAfter = (afterMs: number, index: number): boolean => afterMs >= (requests[index - 1]?.afterMs ?? 0)
  expect(requests.every(({ number, afterMs }, index) => number === index && isAfter(afterMs, index))).toBe(true)
})

test('the beginning of a trace is told by its own sums', async () => {
  const { requests, inputTokens, outputTokens } = await readTrace('conv', 3)
  expect(requests).toEqual([
    { number: 0, afterMs: 0, inputTokens: 374, outputTokens: 44 },
    { number: 1, afterMs: 4315, inputTokens: 396, outputTokens: 109 },
    { number: 2, afterMs: expect.any(Number) as unknown, inputTokens: 879, outputTokens: 55 }
  ])
  expect([inputTokens, outputTokens]).toEqual([1649, 208])
})
