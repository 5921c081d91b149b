// Checks of signatures, by the way that a request takes through the gateway's authentication, beside node:crypto alone
// with its key made before: both on the thread pool, as many at a time.

import { createPublicKey, verify } from 'node:crypto'
import { checks } from '../../gateway/auth/public-key.ts'
import { signedBy, type SignedRequest } from '../../gateway/auth/signature.ts'
import type { IdentityPort, KnownKey, User } from '../../gateway/accounts.ts'
import { instant, ownerId } from '../../schemas/units.ts'
import { signatureOf, traderOf, type Trader } from '../support/trader.ts'
import type { BenchOptions } from './bench.ts'
import { median, type BenchRow } from './row.ts'

const goal = 0.9
const atOnce = 64
const users = 100

type Made = {
  readonly request: SignedRequest
  readonly message: Buffer
  readonly signature: Buffer
  readonly trader: Trader
}

function made (trader: Trader, index: number): Made {
  const body = JSON.stringify({
    market_id: 'text-prime', side: 'buy', type: 'limit', price: '0.100900', quantity: 1, client_order_id: `bench-${index}`
  })
  const ask = { method: 'POST', path: '/v1/orders' } as const
  const headers = signatureOf(trader, ask, body)
  const [signature, timestamp, fingerprint] = [
    headers['x-thegrid-signature'], headers['x-thegrid-timestamp'], headers['x-thegrid-fingerprint']
  ]
  const sent = { method: ask.method, target: ask.path, body: Buffer.from(body) }
  const message = Buffer.from(`${timestamp}${ask.method}${ask.path}${body}`)
  const request = { ...sent, headers: { signature, timestamp, fingerprint } }
  return { request, message, signature: Buffer.from(signature, 'base64'), trader }
}

function knownBy (traders: readonly Trader[]): IdentityPort {
  const keys = new Map(traders.map(({ fingerprint, publicKey, holder }): [string, KnownKey] => {
    const at = instant(Date.now())
    const user: User = {
      kind: 'user',
      userId: holder,
      owner: ownerId(holder),
      parent: null,
      email: '',
      name: '',
      roles: ['trader'],
      isActive: true,
      createdAt: at,
      updatedAt: at
    }
    return [fingerprint, { user, fingerprint, verifies: checks(Buffer.from(publicKey, 'base64')) }]
  }))
  const signingKey = (fingerprint: string): KnownKey | undefined => keys.get(fingerprint)
  return { signingKey, user: () => undefined, subAccounts: () => [], isReady: true }
}

/** So many at a time, each once; checks a second. */
async function rate (all: readonly Made[], check: (each: Made) => Promise<boolean>): Promise<number> {
  let next = 0
  const began = performance.now()
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < all.length) {
      if (!await check(all[next++]!)) throw new Error('a good signature was refused')
    }
  }))
  return all.length * 1000 / (performance.now() - began)
}

export async function signatures ({ small, progress }: BenchOptions): Promise<BenchRow[]> {
  const rounds = small ? 1 : 7
  const traders = Array.from({ length: users }, (_, index) => traderOf(index + 1, 'signatures'))
  const all = Array.from({ length: small ? 500 : 20_000 }, (_, index) => made(traders[index % users]!, index))
  const identities = knownBy(traders)
  const plainKeys = new Map(traders.map(({ fingerprint, privateKey }) => [fingerprint, createPublicKey(privateKey)]))
  const ours = async ({ request, trader }: Made): Promise<boolean> =>
    (await signedBy(request, identities, instant(Date.now()))).caller.holder === trader.holder
  const plain = ({ message, signature, trader: { fingerprint } }: Made): Promise<boolean> =>
    new Promise((resolve, reject) => {
      verify(null, message, plainKeys.get(fingerprint)!, signature, (error, isGood) => {
        if (error === null) resolve(isGood)
        else reject(error)
      })
    })
  const taken: [number[], number[]] = [[], []]
  if (!small) for (const check of [ours, plain]) await rate(all, check)
  for (let round = 0; round < rounds; round++) {
    for (const [index, check] of [ours, plain].entries()) taken[index]!.push(await rate(all, check))
    progress(`round ${round + 1}: ${taken.map(rates => Math.round(rates.at(-1)!)).join(', plain ')}`)
  }
  const ratio = median(taken[0].map((rate, round) => rate / taken[1][round]!))
  return [{
    name: 'signature checks',
    unit: 'checks/s',
    value: Math.round(median(taken[0])),
    beside: 'node:crypto',
    besideValue: Math.round(median(taken[1])),
    ratio: Number(ratio.toFixed(2)),
    goal: small ? null : goal,
    ok: small || ratio >= goal,
    conditions: `${all.length} signed orders of ${users} keys, ${all[0]!.message.length} bytes each, ${atOnce} at a time on ` +
      `${process.env['UV_THREADPOOL_SIZE'] ?? 4} threads; median of ${rounds} rounds in turns; ours from the headers on`
  }]
}
