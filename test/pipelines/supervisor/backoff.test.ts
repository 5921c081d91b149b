import { expect, test } from 'vitest'
import { Backoff } from '../../../pipelines/supervisor/backoff.ts'

test('the wait doubles up to its longest', () => {
  const backoff = new Backoff()
  const waits = Array.from({ length: 11 }, () => backoff.after(10))
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
})

test('a minute of health lets it begin again', () => {
  const backoff = new Backoff()
  const waits = [0, 59_999, 60_000, 0].map(liveMs => backoff.after(liveMs))
  expect(waits).toEqual([100, 200, 100, 200])
})
