import { describe, expect, test } from 'vitest'
import { lotExpiry, sweep } from '../../../pipelines/jobs/lot-jobs.ts'
import type { Due } from '../../../analytics/due.ts'
import { holderId, instant, instrumentId, periodMs, units } from '../../../schemas/units.ts'

const period = 123_055
const began = period * periodMs
const minuteMs = 60_000
const page = { since: instant(0), beyond: null, limit: 10 }

function asking () {
  const asked: object[] = []
  const heard = (query: object) => {
    asked.push(query)
    return Promise.resolve([])
  }
  return { asked, due: { lots: heard, positions: heard } satisfies Due }
}

describe('the sweep', () => {
  test('is of the period that has begun a moment ago, and not before', async () => {
    const { asked, due } = asking()
    for (const now of [began - 1, began + 4999, began + 5000]) await sweep.page(due, { ...page, now: instant(now) })
    expect(asked).toEqual([period - 1, period - 1, period].map(period => ({ ...page, period })))
    const position = { holder: holderId(7), instrumentId: instrumentId('text-prime'), units: units(3) }
    expect(sweep.commandOf(position, instant(began + 5000)).id).toBe(`sweep:7:text-prime:${period}`)
    expect(sweep.commandOf(position, instant(began + 4999)).id).toBe(`sweep:7:text-prime:${period - 1}`)
  })

  test.each([
    ['each minute while something is due', began + 60 * minuteMs, true, began + 61 * minuteMs],
    ['each minute while what came before it may be on its way', began + 9 * minuteMs, false, began + 10 * minuteMs],
    ['then at the next one', began + 10 * minuteMs, false, began + periodMs + 5000],
    ['never past the next one', began + periodMs - 1000, true, began + periodMs + 5000],
    ['of the period before until a moment after the next', began + periodMs + 4000, false, began + periodMs + 5000]
  ])('runs %s', (_, now, found, expected) => {
    expect(sweep.next(instant(now), found)).toBe(expected)
  })
})

test('what has expired is looked for each minute, a moment late', async () => {
  const { asked, due } = asking()
  await lotExpiry.page(due, { ...page, now: instant(began) })
  expect(asked).toEqual([{ ...page, before: began - 5000 }])
  const next = [true, false].map(found => lotExpiry.next(instant(began), found))
  expect(next).toEqual([began + minuteMs, began + minuteMs])
})
