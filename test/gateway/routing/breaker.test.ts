import { describe, expect, test } from 'vitest'
import { Breaker } from '../../../gateway/routing/breaker.ts'

type What = 'failed' | 'succeeded'

function tell (breaker: Breaker, what: What, now: number): void {
  breaker[what](breaker.enter(now), now)
}

const times = (count: number, then: (at: number) => void): void => {
  for (let at = 0; at < count; at++) then(at)
}

/** Fails each probe as soon as there may be one; how long each wait was. */
function waits (breaker: Breaker, from: number, probes: number): number[] {
  let now = from
  return Array.from({ length: probes }, () => {
    const wait = breaker.openUntil! - now
    now += wait
    tell(breaker, 'failed', now)
    return wait
  })
}

describe('it opens', () => {
  test('at five failures in a row, and not at four', () => {
    const breaker = new Breaker()
    times(4, () => { tell(breaker, 'failed', 0) })
    tell(breaker, 'succeeded', 0)
    times(4, () => { tell(breaker, 'failed', 0) })
    expect(breaker.state(0)).toBe('closed')
    tell(breaker, 'failed', 0)
    expect([breaker.state(0), breaker.state(999), breaker.state(1000)]).toEqual(['open', 'open', 'half_open'])
  })

  test('at more failures than successes among twenty', () => {
    const breaker = new Breaker()
    times(19, at => { tell(breaker, at % 2 === 0 ? 'failed' : 'succeeded', at) })
    expect(breaker.state(20)).toBe('closed')
    tell(breaker, 'failed', 20)
    expect(breaker.state(20)).toBe('open')
  })

  test('not at as many failures as successes', () => {
    const breaker = new Breaker()
    times(100, at => { tell(breaker, at % 2 === 0 ? 'succeeded' : 'failed', at) })
    expect(breaker.state(100)).toBe('closed')
  })

  test('not at failures that are more than thirty seconds apart', () => {
    const breaker = new Breaker()
    // Two failures for one success, each half minute no more than fifteen of them.
    times(90, at => { tell(breaker, at % 3 === 0 ? 'succeeded' : 'failed', at * 2000) })
    expect(breaker.state(180_000)).toBe('closed')
  })
})

describe('while it is open', () => {
  function opened (): Breaker {
    const breaker = new Breaker()
    times(5, () => { tell(breaker, 'failed', 0) })
    return breaker
  }

  test('each failed probe doubles the wait, up to a minute', () => {
    expect(waits(opened(), 0, 9)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  test('one at a time may probe; who leaves makes room for another', () => {
    const breaker = opened()
    const probe = breaker.enter(1000)
    expect(breaker.lets(1000)).toBe(false)
    breaker.left(probe)
    expect(breaker.lets(1000)).toBe(true)
  })

  test('who comes in all the same counts for nothing', () => {
    const breaker = opened()
    breaker.succeeded(breaker.enter(10), 20)
    expect(breaker.state(20)).toBe('open')
  })

  test('results from before it opened count for nothing', () => {
    const breaker = new Breaker()
    const [good, bad, gone] = [breaker.enter(0), breaker.enter(0), breaker.enter(0)]
    times(5, () => { tell(breaker, 'failed', 0) })
    const probe = breaker.enter(1000)
    breaker.succeeded(good, 1001)
    breaker.failed(bad, 1001)
    breaker.left(gone)
    expect([breaker.state(1001), breaker.isProbed, breaker.openUntil]).toEqual(['half_open', true, 1000])
    breaker.succeeded(probe, 1002)
    expect(breaker.state(1002)).toBe('closed')
  })

  test('the wait goes on from where it was if it fails again soon, and begins anew after a minute', () => {
    const breaker = opened()
    waits(breaker, 0, 3)
    const first = breaker.openUntil!
    tell(breaker, 'succeeded', first)
    times(5, () => { tell(breaker, 'failed', first + 59_999) })
    expect(breaker.openUntil! - (first + 59_999)).toBe(16_000)
    const second = breaker.openUntil!
    tell(breaker, 'succeeded', second)
    times(5, () => { tell(breaker, 'failed', second + 60_000) })
    expect(breaker.openUntil! - (second + 60_000)).toBe(1000)
  })
})
