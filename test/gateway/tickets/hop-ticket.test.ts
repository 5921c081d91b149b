// Tickets of `/r`: good for one request, as it was, for a minute.

import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../gateway/surfaces/fault.ts'
import {
  accountHash, bodyHashOf, checkBody, isAccount, readHopTicket, ticketLifeMs, writeHopTicket, type HopClaims
} from '../../../gateway/tickets/hop-ticket.ts'
import { secretOf, type Secrets } from '../../../gateway/tickets/secrets.ts'
import { holderId, instant, tokens } from '../../../schemas/units.ts'

const old = secretOf('old', Buffer.alloc(32, 1))
const young = secretOf('young', Buffer.alloc(32, 2))
const secrets: Secrets = [old]
const ben = holderId(19)
const body = Buffer.from('{"model":"text-prime"}')
const madeAt = instant(1_000_000)

const claims: HopClaims = {
  requestId: 'req_a',
  method: 'POST',
  path: '/v1/chat/completions',
  instrumentId: 'text-prime',
  account: accountHash(secrets, ben, 'req_a'),
  keyId: 'key',
  held: tokens(300),
  inputHeld: tokens(100),
  outputMax: 200,
  bodyHash: bodyHashOf(body),
  madeAt,
  expiresAt: instant(madeAt + ticketLifeMs)
}
const presented = { method: 'POST', path: '/v1/chat/completions', at: instant(madeAt + 1) }

function codeOf (act: () => unknown): string {
  try {
    act()
  } catch (thrown) {
    return thrown instanceof Fault ? `${thrown.status} ${thrown.code}` : String(thrown)
  }
  return 'good'
}

const ticket = writeHopTicket(secrets, claims)
const read = (text: string, over: Partial<typeof presented> = {}, by = secrets) =>
  codeOf(() => readHopTicket(by, text, { ...presented, ...over }))

test('what was written is read', () => {
  expect(readHopTicket(secrets, ticket, presented)).toEqual(claims)
})

describe('a ticket that was changed', () => {
  test.each(Object.keys(claims))('in its %s', name => {
    const [key, , mac] = ticket.split('.')
    const was = claims[name as keyof HopClaims]
    const changed = { ...claims, [name]: typeof was === 'number' ? was + 1 : `${was}x` }
    const forged = [key, Buffer.from(JSON.stringify(changed)).toString('base64url'), mac].join('.')
    expect(read(forged)).toBe('401 ticket_invalid')
  })

  test.each([
    ['empty', ''],
    ['no ticket', 'hello'],
    ['without its seal', ticket.split('.').slice(0, 2).join('.')],
    ['with an empty seal', `${ticket.split('.').slice(0, 2).join('.')}.`],
    ['with more behind it', `${ticket}.x`],
    ['of a secret that nobody has', ticket.replace(/^old/, 'new')],
    ['cut', ticket.slice(0, -1)]
  ])('%s', (_name, text) => {
    expect(read(text)).toBe('401 ticket_invalid')
  })

  test('sealed with another secret of that name', () => {
    expect(read(writeHopTicket([secretOf('old', Buffer.alloc(32, 9))], claims))).toBe('401 ticket_invalid')
  })

  test('sealed with the raw secret, not with the key derived from it', () => {
    const signed = ticket.split('.').slice(0, 2).join('.')
    const mac = createHmac('sha256', Buffer.alloc(32, 1)).update(signed).digest('base64url')
    expect(read(`${signed}.${mac}`)).toBe('401 ticket_invalid')
  })
})

describe('a ticket for something else', () => {
  test('another path', () => {
    expect(read(ticket, { path: '/v1/messages' })).toBe('401 ticket_invalid')
  })

  test('another method', () => {
    expect(read(ticket, { method: 'GET' })).toBe('401 ticket_invalid')
  })

  test('another body', () => {
    expect(codeOf(() => { checkBody(claims, body) })).toBe('good')
    expect(codeOf(() => { checkBody(claims, Buffer.from(`${body.toString()} `)) })).toBe('401 ticket_invalid')
  })

  test('another account, or another request of the same one', () => {
    expect(isAccount(secrets, claims, ben)).toBe(true)
    expect(isAccount(secrets, claims, holderId(20))).toBe(false)
    expect(isAccount(secrets, { ...claims, requestId: 'req_b' }, ben)).toBe(false)
  })
})

test('it is good for a minute, to the millisecond', () => {
  expect(read(ticket, { at: instant(madeAt + ticketLifeMs - 1) })).toBe('good')
  expect(read(ticket, { at: instant(madeAt + ticketLifeMs) })).toBe('408 ticket_expired')
})

describe('secrets that are changed', () => {
  test('first all know the new one, then it signs, then the old one goes: what was made before is good until then', () => {
    const [first, second, third]: Secrets[] = [[old, young], [young, old], [young]]
    const before = writeHopTicket(first!, claims)
    const after = writeHopTicket(second!, { ...claims, account: accountHash(second!, ben, 'req_a') })
    expect([read(before, {}, second), read(after, {}, first), read(after, {}, third), read(before, {}, third)])
      .toEqual(['good', 'good', 'good', '401 ticket_invalid'])
  })

  test('an account is known at a gateway that signs with another one', () => {
    const made = accountHash([old, young], ben, 'req_a')
    expect(isAccount([young, old], { account: made, requestId: 'req_a' }, ben)).toBe(true)
    expect(isAccount([young], { account: made, requestId: 'req_a' }, ben)).toBe(false)
  })
})
