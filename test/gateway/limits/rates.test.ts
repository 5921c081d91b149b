import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accountLimits, Rates, type AccountLimits, type LimitReached } from '../../../gateway/limits/rates.ts'
import { unbounded, type ConsumptionKey } from '../../../schemas/identity/records.ts'
import { holderId, instant, tokens, type HolderId, type Instant } from '../../../schemas/units.ts'

const start = Date.UTC(2026, 5, 15, 12)
const at = (seconds: number): Instant => instant(start + seconds * 1000)
const ada = holderId(11)

const keyOf = (keyId: string, limits: Partial<ConsumptionKey> = {}): ConsumptionKey => ({
  kind: 'consumption-key',
  keyId,
  userId: ada,
  name: 'app',
  keyPrefix: 'abcd',
  keyHash: keyId,
  isActive: true,
  expiresAt: null,
  createdAt: at(0),
  ...unbounded,
  ...limits
})

const request = (requestId: string, seconds: number, keyId = 'k') => ({ holder: ada, keyId, requestId, at: at(seconds) })
const none: AccountLimits = { requestsPerMinute: null, tokensPerMinute: null, openMax: null }

describe('requests a minute', () => {
  test('are those of this second and the 59 before it', () => {
    const rates = new Rates({ ...none, requestsPerMinute: 2 })
    const judge = (seconds: number) => rates.judge({ holder: ada, key: keyOf('k'), now: at(seconds) })
    rates.authorized(request('a', 0))
    expect(judge(10)).toBeNull()
    rates.authorized(request('b', 10))
    expect(judge(10)).toEqual({ limit: 'requests', of: 'account', retryAfterSeconds: 50 })
    expect(judge(59.9)).toEqual({ limit: 'requests', of: 'account', retryAfterSeconds: 1 })
    expect(judge(60)).toBeNull()
  })

  test('count once by the log\'s time, though this gateway asked before', () => {
    const rates = new Rates({ ...none, requestsPerMinute: 1 })
    rates.asked(request('a', 0))
    rates.authorized(request('a', 5))
    rates.authorized(request('a', 6))
    expect(rates.usage(ada, at(10))).toEqual({ requests: 1, tokens: 0, resetSeconds: 55 })
    expect(rates.judge({ holder: ada, key: keyOf('k'), now: at(60) })).toEqual({ limit: 'requests', of: 'account', retryAfterSeconds: 5 })
  })

  test('do not count what was dropped, and do count what ended', () => {
    const rates = new Rates(none)
    rates.asked(request('a', 0))
    rates.dropped({ requestId: 'a', at: at(1) })
    rates.authorized(request('b', 1))
    rates.dropped({ requestId: 'b', at: at(2) })
    expect(rates.size.open).toBe(1)
    rates.ended({ requestId: 'b', at: at(2) })
    expect(rates.usage(ada, at(3)).requests).toBe(1)
    expect(rates.size.open).toBe(0)
  })

  test('of a key are judged before its account\'s', () => {
    const rates = new Rates({ ...none, requestsPerMinute: 1 })
    rates.authorized(request('a', 0))
    const judge = (key: ConsumptionKey) => rates.judge({ holder: ada, key, now: at(0) })
    expect(judge(keyOf('k', { requestsPerMinute: 1 }))?.of).toBe('key')
    expect(judge(keyOf('other', { requestsPerMinute: 1 }))?.of).toBe('account')
    expect(judge(keyOf('k', { requestsPerMinute: 0 }))?.retryAfterSeconds).toBe(60)
  })
})

describe('calls that open nothing', () => {
  const call = (rates: Rates, key: ConsumptionKey, seconds = 0) => rates.call({ holder: ada, key, now: at(seconds) })

  test('are requests of the minute, of their key\'s and of its account\'s, unless they are too many', () => {
    const rates = new Rates({ ...none, requestsPerMinute: 2 })
    expect(call(rates, keyOf('a', { requestsPerMinute: 1 }))).toBeNull()
    expect(call(rates, keyOf('a', { requestsPerMinute: 1 }))).toEqual({ limit: 'requests', of: 'key', retryAfterSeconds: 60 })
    expect(call(rates, keyOf('b'))).toBeNull()
    expect(call(rates, keyOf('b'))?.of).toBe('account')
    expect(rates.judge({ holder: ada, key: keyOf('c'), now: at(59) })).toEqual({ limit: 'requests', of: 'account', retryAfterSeconds: 1 })
    expect(rates.usage(ada, at(59)).requests).toBe(2)
    expect(call(rates, keyOf('b'), 60)).toBeNull()
    rates.validate()
  })

  test('are none at once, and mind no tokens', () => {
    const rates = new Rates({ requestsPerMinute: null, tokensPerMinute: 1, openMax: 1 })
    rates.authorized(request('a', 0))
    rates.authorized(request('b', 0))
    rates.captured({ requestId: 'b', tokens: tokens(5), at: at(0) })
    expect(rates.judge({ holder: ada, key: keyOf('k'), now: at(0) })?.limit).toBe('open')
    expect(call(rates, keyOf('k', { openMax: 1, tokensPerMinute: 1 }))).toBeNull()
    expect(rates.size.open).toBe(1)
  })
})

describe('requests at once', () => {
  test('have room for one that is open already: it is none more', () => {
    const rates = new Rates({ ...none, openMax: 1, requestsPerMinute: 1 })
    const judge = (requestId: string) => rates.judge({ holder: ada, key: keyOf('k'), requestId, now: at(1) })?.limit
    rates.asked(request('a', 0))
    expect(judge('a')).toBeUndefined()
    expect(judge('b')).toBe('open')
    rates.ended({ requestId: 'a', at: at(1) })
    expect(judge('a')).toBe('requests')
  })

  test('end with their request, and are judged first', () => {
    const rates = new Rates({ requestsPerMinute: 1, tokensPerMinute: null, openMax: 1 })
    const judge = () => rates.judge({ holder: ada, key: keyOf('k'), now: at(1) })?.limit
    rates.authorized(request('a', 0))
    expect(judge()).toBe('open')
    rates.ended({ requestId: 'a', at: at(1) })
    expect(judge()).toBe('requests')
  })

  test('of this gateway that nobody ever says again are forgotten after 90 s', () => {
    const rates = new Rates(none)
    rates.asked(request('lost', 0))
    rates.asked(request('heard', 0))
    rates.authorized(request('heard', 1))
    rates.judge({ holder: ada, key: keyOf('k'), now: at(89) })
    expect(rates.size.open).toBe(2)
    rates.judge({ holder: ada, key: keyOf('k'), now: at(90) })
    expect(rates.size.open).toBe(1)
    rates.validate()
  })
})

test('tokens a minute stop the next request once they are billed', () => {
  const rates = new Rates(accountLimits)
  const key = keyOf('k', { tokensPerMinute: 1000 })
  const judge = (seconds: number) => rates.judge({ holder: ada, key, now: at(seconds) })
  rates.authorized(request('a', 0))
  rates.captured({ requestId: 'a', tokens: tokens(999), at: at(3) })
  rates.captured({ requestId: 'a', tokens: tokens(999), at: at(3) })
  expect(judge(3)).toBeNull()
  rates.authorized(request('b', 3))
  rates.captured({ requestId: 'b', tokens: tokens(1), at: at(4) })
  expect(judge(4)).toEqual({ limit: 'tokens', of: 'key', retryAfterSeconds: 59 })
  expect(judge(63)).toBeNull()
})

test('who has asked nothing for two minutes takes no memory', () => {
  const rates = new Rates(none)
  for (let holder = 1; holder <= 50; holder++) {
    const requestId = `r${holder}`
    rates.authorized({ holder: holderId(holder), keyId: '', requestId, at: at(0) })
    rates.ended({ requestId, at: at(0) })
  }
  expect(rates.size.subjects).toBe(50)
  rates.authorized(request('a', 60))
  rates.authorized(request('b', 121))
  expect(rates.size.subjects).toBe(2)
})

// The same rules, slow and obvious: a list of what was told, gone through at each question.
class Naive {
  readonly #limits: AccountLimits
  #requests: Array<{ id: string, holder: HolderId, keyId: string, at: number, isLogged: boolean, isOpen: boolean }> = []
  readonly #tokens: Array<{ holder: HolderId, keyId: string, at: number, size: number }> = []
  #now = 0

  constructor (limits: AccountLimits) {
    this.#limits = limits
  }

  tell (now: number): void {
    this.#now = Math.max(this.#now, Math.floor(now / 1000))
    this.#requests = this.#requests.filter(({ isOpen, isLogged, at }) => !isOpen || isLogged || this.#now - at < 90)
  }

  add (id: string, about: { holder: HolderId, keyId: string, at: number }, isLogged: boolean): void {
    const known = this.#requests.find(each => each.id === id && each.isOpen)
    if (known?.isLogged === true || (known !== undefined && !isLogged)) return
    if (known !== undefined) this.drop(id)
    this.#requests.push({ id, ...about, at: Math.floor(about.at / 1000), isLogged, isOpen: true })
  }

  end (id: string, taken: number, at: number): void {
    const known = this.#requests.find(each => each.id === id && each.isOpen)
    if (known === undefined) return
    known.isOpen = false
    this.#tokens.push({ holder: known.holder, keyId: known.keyId, at: Math.floor(at / 1000), size: taken })
  }

  isOpen (id: string): boolean {
    return this.#requests.some(each => each.id === id && each.isOpen)
  }

  drop (id: string): void {
    this.#requests = this.#requests.filter(each => each.id !== id || !each.isOpen || each.isLogged)
  }

  /** It is a request that has ended as soon as it is counted. */
  call (holder: HolderId, key: ConsumptionKey): LimitReached | null {
    const { keyId } = key
    const alone = ({ requestsPerMinute }: AccountLimits): AccountLimits => ({ ...none, requestsPerMinute })
    const reached = this.judge(holder, { ...key, ...alone(key) }, alone(this.#limits))
    if (reached === null) this.#requests.push({ id: '', holder, keyId, at: this.#now, isLogged: true, isOpen: false })
    return reached
  }

  judge (holder: HolderId, key: ConsumptionKey, limits = this.#limits): LimitReached | null {
    const ofKey = (each: { keyId: string }): boolean => key.keyId !== '' && each.keyId === key.keyId
    const ofAccount = (each: { holder: HolderId }): boolean => each.holder === holder
    return this.#reached('key', key, ofKey) ?? this.#reached('account', limits, ofAccount)
  }

  #reached (
    of: 'key' | 'account', limits: AccountLimits, mine: (each: { holder: HolderId, keyId: string }) => boolean
  ): LimitReached | null {
    const requests = this.#requests.filter(mine)
    const open = requests.filter(({ isOpen }) => isOpen).length
    if (limits.openMax !== null && open >= limits.openMax) return { limit: 'open', of, retryAfterSeconds: 1 }
    const waits = {
      requests: this.#wait(limits.requestsPerMinute, requests.map(({ at }) => ({ at, size: 1 }))),
      tokens: this.#wait(limits.tokensPerMinute, this.#tokens.filter(mine))
    }
    for (const limit of ['requests', 'tokens'] as const) {
      if (waits[limit] > 0) return { limit, of, retryAfterSeconds: waits[limit] }
    }
    return null
  }

  #wait (below: number | null, counted: Array<{ at: number, size: number }>): number {
    if (below === null) return 0
    for (let wait = 0; wait < 60; wait++) {
      const sum = counted.filter(({ at }) => at > this.#now + wait - 60).reduce((to, { size }) => to + size, 0)
      if (sum < below) return wait
    }
    return 60
  }
}

// Few ids and keys, so that they collide; steps of time of up to a minute and a half, now and then back.
const step = fc.record({
  what: fc.constantFrom('asked', 'authorized', 'captured', 'ended', 'dropped', 'judge', 'judge', 'repeat', 'call'),
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  keyId: fc.constantFrom('k', 'l', ''),
  holder: fc.constantFrom(ada, holderId(12)),
  seconds: fc.oneof({ arbitrary: fc.integer({ min: 0, max: 5 }), weight: 5 }, fc.integer({ min: -20, max: 90 })),
  taken: fc.integer({ min: 0, max: 4 })
})

test('agrees with a list that is gone through each time', () => {
  const limit = fc.option(fc.integer({ min: 0, max: 4 }))
  const limits = fc.record({ requestsPerMinute: limit, tokensPerMinute: limit, openMax: limit })
  fc.assert(fc.property(limits, limits, fc.array(step, { maxLength: 60 }), (account, key, steps) => {
    const [rates, naive] = [new Rates(account), new Naive(account)]
    let clock = 1000
    for (const { what, id, keyId, holder, seconds, taken } of steps) {
      clock += seconds
      const now = at(clock)
      const about = { holder, keyId, at: now }
      naive.tell(now)
      if (what === 'judge') {
        const judged = keyOf(keyId, key)
        expect(rates.judge({ holder, key: judged, now })).toEqual(naive.judge(holder, judged))
      } else if (what === 'repeat') {
        const judged = keyOf(keyId, key)
        const expected = naive.isOpen(id) ? null : naive.judge(holder, judged)
        expect(rates.judge({ holder, key: judged, requestId: id, now })).toEqual(expected)
      } else if (what === 'call') {
        const judged = keyOf(keyId, key)
        expect(rates.call({ holder, key: judged, now })).toEqual(naive.call(holder, judged))
      } else if (what === 'asked' || what === 'authorized') {
        rates[what]({ ...about, requestId: id })
        naive.add(id, about, what === 'authorized')
      } else {
        rates[what]({ requestId: id, tokens: tokens(taken), at: now })
        if (what === 'dropped') naive.drop(id)
        else naive.end(id, what === 'captured' ? taken : 0, now)
      }
      rates.validate()
    }
  }), { seed: 6, numRuns: 500 })
})
