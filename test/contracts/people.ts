// Who trades in the contract tests: users with keys, accounts and some money, and a market that serves them.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gateway } from '../../gateway/app.ts'
import { userOf } from '../gateway/auth/keys.ts'
import type { User } from '../../gateway/ports.ts'
import type { Identity } from '../../schemas/identity/records.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { holderId, instant, microdollars, ownerId, type HolderId } from '../../schemas/units.ts'
import { Client, fingerprintOf, keyPairOf, type KeyPair } from './client.ts'
import type { Day } from './day.ts'
import { MemoryMarket } from './market.ts'

const since = instant(Date.UTC(2026, 0, 1))

const times = { createdAt: since, updatedAt: since }
export const ada = userOf(11, { ...times, name: 'Ada' })
export const desk = userOf(12, { ...times, name: 'Desk', owner: ownerId(11), parent: holderId(11) })
export const ben = userOf(13, { ...times, name: 'Ben' })
export const sol = userOf(21, { ...times, name: 'Sol', roles: ['trader', 'supplier'] })
export const finn = userOf(31, { ...times, name: 'Finn', roles: ['finance'] })

export const keysOf = ({ userId }: User): KeyPair => keyPairOf(Buffer.alloc(32, userId))

export const everyone: readonly User[] = [ada, desk, ben, sol, finn]

/** What makes a user of one: the records of the directory. */
export function identitiesOf (user: User): Identity[] {
  const keys = keysOf(user)
  const publicKey = Buffer.from(keys.publicKey).toString('base64')
  const { userId, name } = user
  const key = { keyId: `key-${userId}`, userId, label: name, publicKey, fingerprint: fingerprintOf(keys), createdAt: since }
  return [user, { kind: 'signing-key', ...key }]
}

export type OfHolder = LedgerCommand & { readonly holder: HolderId }

/** What opens its accounts: a hundred dollars and a grant of ten. */
export function openingOf ({ userId: holder, owner, roles }: User): OfHolder[] {
  const deposit = (dollars: number, isGrant: boolean): OfHolder =>
    ({ kind: 'deposit', holder, amount: microdollars(dollars * 1_000_000), isGrant, reference: `opening-${isGrant}` })
  return [
    { kind: 'set-holder', holder, owner, isIssuer: roles.includes('supplier'), isSuspended: false },
    deposit(10, true),
    deposit(100, false)
  ]
}

export function peopled (): MemoryMarket {
  const market = new MemoryMarket()
  for (const user of everyone) {
    for (const identity of identitiesOf(user)) market.identify(identity)
    for (const command of openingOf(user)) market.command(command)
  }
  return market
}

/** Clients of a gateway, as everybody whom the day knows. `address` has no prefix, such as http://127.0.0.1:4040. */
export function clientsOf (address: string): { readonly people: Day, readonly clients: readonly Client[] } {
  const clients: Client[] = []
  const clientOf = (user: User | null, prefix = '/v1'): Client => {
    const client = new Client(`${address}${prefix}`, user === null ? null : keysOf(user))
    clients.push(client)
    return client
  }
  const people = {
    anyone: clientOf(null),
    trader: clientOf(ada),
    sub: clientOf(desk),
    other: clientOf(ben),
    supplier: clientOf(sol),
    clerk: clientOf(finn),
    ids: { trader: 'user_11', sub: 'user_12', other: 'user_13' },
    under: (prefix: string) => clientOf(ada, prefix)
  }
  return { people, clients }
}

export type Served = {
  /** Without a prefix. */
  readonly address: string
  close (): Promise<void>
}

export async function served (market: MemoryMarket): Promise<Served> {
  const answer = gateway(market.ports).callback()
  const server: Server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close () {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      market.close()
    }
  }
}
