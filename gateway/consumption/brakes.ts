// What an account and a key may ask for at the moment. A request for inference is judged before its body is read, and
// again when it is counted; every other call counts as one of the minute's requests, and is no request at once.

import type { Consumption } from './consumption.ts'
import { callerOf } from './caller.ts'
import type { KeyHolder, Verdict } from './ports.ts'
import { Fault } from '../surfaces/fault.ts'
import type { Arrived } from './wire.ts'

function settle (c: Consumption, caller: KeyHolder, verdict: Verdict): void {
  if (verdict === null) return
  const { limit, retryAfterSeconds } = verdict
  const words = limit === 'open' ? 'requests at once' : `${limit} a minute`
  throw new Fault('rate_limited', `Too many ${words}; try again in ${retryAfterSeconds} s.`, {
    headers: { 'retry-after': String(retryAfterSeconds), ...c.rates.headers(caller, c.now()) }
  })
}

/** Throws a `Fault` where one more request would be too many. One that is counted already is none more. */
export function judge (c: Consumption, caller: KeyHolder, requestId: string): void {
  settle(c, caller, c.rates.judge(caller, requestId, c.now()))
}

/** Judged and counted in one: bodies take their time, and what came meanwhile counts. */
export function begin (c: Consumption, caller: KeyHolder, requestId: string): void {
  judge(c, caller, requestId)
  c.rates.begin(caller, requestId, c.now())
}

/** Counts a call that asks for no inference. */
export function count (c: Consumption, caller: KeyHolder): void {
  settle(c, caller, c.rates.call(caller, c.now()))
}

/** Whose key a call came with that asks for no inference: it is counted. */
export function calling (c: Consumption, { request: { headers }, address }: Arrived): KeyHolder {
  const caller = callerOf(c, { headers, address, now: c.now() })
  count(c, caller)
  return caller
}
