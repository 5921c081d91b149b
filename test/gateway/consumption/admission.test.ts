// One request's authorisation, against a ledger that says what the test lets it say, in any order.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Admission } from '../../../gateway/consumption/admission.ts'
import type { RequestsPort } from '../../../gateway/consumption/ports.ts'
import { Fault } from '../../../gateway/surfaces/fault.ts'
import type { LedgerCommand } from '../../../schemas/ledger/commands.ts'
import type { AuthorizeUsage } from '../../../schemas/ledger/usage-commands.ts'
import type { AuthorizationState } from '../../../schemas/ledger/usage-records.ts'
import { holderId, instant, instrumentId, tokens } from '../../../schemas/units.ts'

const holder = holderId(19)
const instrument = instrumentId('text-prime')
const command: AuthorizeUsage = {
  kind: 'authorize-usage',
  holder,
  instrumentId: instrument,
  requestId: 'r',
  need: tokens(100),
  min: tokens(10),
  recorder: 'gateway',
  limitPrice: null,
  spendMax: null,
  keyId: '',
  budget: null,
  budgetPeriod: 'total',
  managedPrice: null
}
const supplier = holderId(101)

let told: ((state: AuthorizationState) => void) | null
let sent: LedgerCommand[][]
let admission: Admission
/** Tokens that nobody holds. */
let left: number

function open (deadlineMs = 60_000): Admission {
  sent = []
  left = 0
  const requests = {
    available: () => left,
    send: (_holder: number, commands: readonly LedgerCommand[]) => { sent.push([...commands]) },
    watch: (_holder: number, _request: string, hear: (state: AuthorizationState) => void) => {
      told = hear
      return () => { told = null }
    }
  } as unknown as RequestsPort
  const faultOf = ({ refusal, status }: AuthorizationState): Fault => new Fault('unavailable', `${refusal ?? ''} ${status}`)
  return new Admission({ requests, holder, instrumentId: instrument, requestId: 'r', faultOf, deadlineMs })
}

beforeEach(() => { admission = open() })
afterEach(() => { admission.close() })

function say (status: AuthorizationState['status'], more: Partial<AuthorizationState> = {}): void {
  told?.({
    kind: 'authorization-state',
    holder,
    instrumentId: instrument,
    requestId: 'r',
    cause: 'authorize-usage',
    refusal: null,
    status,
    need: tokens(100),
    held: tokens(100),
    produced: tokens(0),
    isManaged: false,
    keyId: '',
    nonce: '',
    expiresAt: instant(0),
    at: instant(0),
    ...more
  })
}

const refused = (refusal: AuthorizationState['refusal'], more: Partial<AuthorizationState> = {}): void => { say('refused', { refusal, ...more }) }
const started = (nonce: string): void => { say('started', { cause: 'start-usage', nonce }) }
const turn = (): Promise<void> => new Promise(resolve => { setImmediate(resolve) })

async function stateOf (promise: Promise<unknown>): Promise<string> {
  return await Promise.race([
    promise.then(() => 'met', (thrown: unknown) => (thrown as Error).message),
    turn().then(() => 'waits')
  ])
}

const kinds = (): string[] => sent.flat().map(({ kind }) => kind)

describe('asked for with its start', () => {
  beforeEach(() => { admission.authorize(command, { nonce: 'a', supplier }) })

  test('both are one send, in their order', () => {
    expect(sent).toHaveLength(1)
    expect(kinds()).toEqual(['authorize-usage', 'start-usage'])
  })

  test('it goes on once both are there', async () => {
    const met = admission.started('a', supplier)
    expect(await stateOf(met)).toBe('waits')
    say('authorized')
    expect(await stateOf(met)).toBe('waits')
    started('a')
    expect(await stateOf(met)).toBe('met')
    expect(admission).toMatchObject({ held: 100, isPending: true, recorder: 'gateway' })
  })

  test('it does so at once, if they are there already', async () => {
    say('authorized')
    started('a')
    expect(await stateOf(admission.started('a', supplier))).toBe('met')
  })

  test('refused, it is over, whatever its start is told', async () => {
    refused('insufficient_tokens')
    refused('unknown_request', { cause: 'start-usage' })
    expect(await stateOf(admission.started('a', supplier))).toBe('insufficient_tokens refused')
    expect(await stateOf(admission.failed)).toBe('insufficient_tokens refused')
    admission.void('house', { reason: 'x', nonce: 'a' })
    expect(kinds()).not.toContain('void-usage')
  })

  test('parked, its start came too early, and is written again', async () => {
    const met = admission.started('a', supplier)
    say('parked', { held: tokens(0) })
    say('parked', { cause: 'start-usage', refusal: 'insufficient_tokens', held: tokens(0) })
    expect(await stateOf(met)).toBe('waits')
    say('authorized', { cause: 'market' })
    expect(await stateOf(met)).toBe('waits')
    expect(kinds()).toEqual(['authorize-usage', 'start-usage', 'start-usage'])
    started('a')
    expect(await stateOf(met)).toBe('met')
  })

  test('parked in vain, it is over', async () => {
    say('parked')
    refused('purchase_failed', { cause: 'market' })
    expect(await stateOf(admission.started('a', supplier))).toBe('purchase_failed refused')
  })
})

describe('others with the same id', () => {
  beforeEach(() => {
    admission.authorize(command, { nonce: 'a', supplier })
    say('authorized')
  })

  test('who started first goes on; the other is told', async () => {
    started('a')
    say('started', { cause: 'start-usage', refusal: 'already_started', nonce: 'a' })
    expect(await stateOf(admission.failed)).toBe('waits')
    expect(admission.isPending).toBe(true)
  })

  test('who comes second is told, and gives nothing back', async () => {
    started('b')
    say('started', { cause: 'start-usage', refusal: 'already_started', nonce: 'b' })
    expect(await stateOf(admission.started('a', supplier))).toBe('already_started started')
    admission.void('house', { reason: 'x', nonce: 'a' })
    expect(kinds()).not.toContain('void-usage')
  })

  test('with other content they are refused, and who was authorised goes on', async () => {
    say('authorized', { refusal: 'request_conflict' })
    expect(await stateOf(admission.failed)).toBe('waits')
  })

  test('what has ended is over', async () => {
    say('captured', { cause: 'start-usage', refusal: 'request_closed' })
    expect(await stateOf(admission.failed)).toBe('request_closed captured')
  })
})

describe('further attempts', () => {
  test('end the one before, and begin another, in one send', async () => {
    admission.authorize(command, { nonce: 'a', supplier })
    say('authorized')
    started('a')
    admission.start('b', supplier, 'a')
    expect(sent[1]!.map(({ kind }) => kind)).toEqual(['unstart-usage', 'start-usage'])
    const met = admission.started('b', supplier)
    expect(await stateOf(met)).toBe('waits')
    say('authorized', { cause: 'unstart-usage' })
    started('b')
    expect(await stateOf(met)).toBe('met')
  })
})

describe('a second hop', () => {
  const view = {
    holder,
    instrumentId: instrument,
    requestId: 'r',
    need: tokens(100),
    produced: tokens(0),
    keyId: '',
    nonce: '',
    expiresAt: instant(0)
  } as const

  test('goes on from what the replica has', async () => {
    admission.adopt({ ...view, status: 'authorized', held: tokens(70), isManaged: true })
    expect(await stateOf(admission.authorized())).toBe('met')
    expect(admission).toMatchObject({ held: 70, isManaged: true, isPending: true })
  })

  test('hears why it was refused', async () => {
    const refusal = { kind: 'authorization-state', cause: 'authorize-usage', at: instant(0), refusal: 'insufficient_tokens' } as const
    admission.adopt({ ...view, ...refusal, status: 'refused', held: tokens(0), isManaged: false })
    expect(await stateOf(admission.authorized())).toBe('insufficient_tokens refused')
  })
})

describe('progress', () => {
  beforeEach(() => {
    admission.authorize(command, { nonce: 'a', supplier })
    say('authorized')
    started('a')
  })

  const extended = (held: number, refusal: AuthorizationState['refusal'] = null): void => {
    say('started', { cause: 'extend-usage', nonce: 'a', held: tokens(held), refusal })
  }

  test('that got what it asked for may ask again', () => {
    admission.extending(50)
    expect(admission).toMatchObject({ isExtending: true, asking: 50 })
    extended(150)
    expect(admission).toMatchObject({ isExtending: false, asking: 0, isExtensible: true, held: 150 })
  })

  test.each([['less', 149, null], ['nothing', 100, null], ['a refusal', 100, 'not_started']] as const)('that got %s may not', (_name, held, refusal) => {
    admission.extending(50)
    extended(held, refusal)
    expect(admission).toMatchObject({ isExtending: false, isExtensible: false, held })
  })

  test('that got less may ask again once there are more tokens', () => {
    admission.extending(50)
    extended(120)
    expect(admission.isExtensible).toBe(false)
    left = 1
    expect(admission.isExtensible).toBe(true)
    admission.extending(50)
    left = 0
    expect(admission.isExtensible).toBe(true)
    extended(170)
    expect(admission).toMatchObject({ isExtensible: true, held: 170 })
  })

  test.each([[1, false], [0, true]])('that got less than there is, or than its cash pays for, may not', (count, isManaged) => {
    say('started', { cause: 'start-usage', nonce: 'a', isManaged })
    left = count
    admission.extending(50)
    extended(120)
    left = 1000
    expect(admission.isExtensible).toBe(false)
  })

  test('that asked for nothing has an answer, too, and says nothing of what may be had', () => {
    admission.extending(0)
    expect(admission).toMatchObject({ isExtending: true, asking: 0 })
    extended(100)
    expect(admission).toMatchObject({ isExtending: false, isExtensible: true })
  })
})

describe('it is over', () => {
  test.each(['lapsed', 'voided'] as const)('when it has %s', async status => {
    admission.authorize(command, null)
    say('authorized')
    say(status, { cause: 'market' })
    expect(await stateOf(admission.failed)).toBe(` ${status}`)
  })

  test('for who does not hear of it in time', async () => {
    admission.close()
    admission = open(5)
    admission.authorize(command, null)
    await expect(admission.authorized()).rejects.toThrow('did not answer in time')
    admission.void('house', { reason: 'late', nonce: '' })
    expect(kinds()).toEqual(['authorize-usage', 'void-usage'])
  })

  test('once it is closed: nothing is heard any more', () => {
    admission.authorize(command, null)
    const hear = told!
    admission.close()
    expect(told).toBeNull()
    told = hear
    say('authorized')
    expect(admission.held).toBe(0)
  })
})
