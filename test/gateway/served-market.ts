// The gateway over a whole small market in memory: what is asked by HTTP goes through the real stages.

import { bookPort } from '../../gateway/adapters/books.ts'
import type { LedgerPort, OrderCondition, OrderHistory, PastOrder, User } from '../../gateway/ports.ts'
import type { OrderState } from '../../schemas/ledger/records.ts'
import { topics } from '../../schemas/topics.ts'
import { SmallMarket, type Gateway } from './adapters/small-market.ts'
import { userOf } from './auth/keys.ts'
import { signedBy, trusting } from './people.ts'
import { fakePorts, now, prime, serve, type Answer, type Fake } from './support.ts'

/** Both have $100 and 100 units, issued. */
export const ada = userOf(11, { name: 'Ada' })
export const ben = userOf(19, { name: 'Ben' })
export const clerk = userOf(27, { name: 'Finn', roles: ['finance'] })

type Headers = Record<string, string>

export type Send = (
  user: User, method: string, path: string, body?: object | string, headers?: Headers
) => Promise<Answer>

export type ServedMarket = {
  readonly market: SmallMarket
  readonly gateway: Gateway
  readonly ports: Fake
  readonly send: Send
  /** Places an order of Ada's, unless said otherwise, that has to be taken. */
  readonly place: (order?: object, user?: User) => Promise<Record<string, unknown>>
}

const comparisons = {
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
  '>': (a: number, b: number) => a > b,
  '<': (a: number, b: number) => a < b,
  '>=': (a: number, b: number) => a >= b,
  '<=': (a: number, b: number) => a <= b
}

function meets (order: PastOrder, condition: OrderCondition): boolean {
  const standing = order.status === 'cancelled' ? order.closureReason ?? 'cancelled' : order.status
  if (condition.field === 'standing') return condition.value.includes(standing)
  if (condition.field === 'acceptedAt') return comparisons[condition.op](order.acceptedAt, condition.value)
  return ((order[condition.field] ?? '') === condition.value) === (condition.op === '==')
}

/** A history of the states that it was given, the last of each order. */
export function historyOf (states: () => readonly OrderState[]): OrderHistory {
  return {
    orders: async ({ holder, conditions, beyond, limit, order }) => {
      const sign = order === 'asc' ? 1 : -1
      const last = new Map(states().map(({ kind, sequence, cause, ...state }) => [state.orderId, state]))
      const found = [...last.values()].filter(each => each.holder === holder)
        .filter(each => conditions.every(one => meets(each, one)))
        .filter(({ orderId }) => beyond === null || sign * (orderId - beyond) > 0)
      return Promise.resolve(found.sort((a, b) => sign * (a.orderId - b.orderId)).slice(0, limit))
    }
  }
}

/** Every record is applied at once, by everyone. */
function settled (market: SmallMarket, { port }: Gateway): LedgerPort {
  return {
    ...port,
    submit: async commands => {
      const answers = port.submit(commands)
      market.settle()
      return answers
    }
  }
}

export async function servedMarket (changes: Partial<Fake> = {}): Promise<ServedMarket> {
  const market = new SmallMarket(now)
  const gateway = market.gateway()
  const ports = fakePorts({
    ledger: settled(market, gateway),
    books: bookPort({
      stage: 'matching',
      topic: topics.orders.name,
      partitions: [prime.index],
      replica: of => of === prime.index ? market.book : undefined,
      end: () => undefined
    }),
    identities: trusting([ada, ben, clerk]),
    orderHistory: historyOf(() => market.told.filter((value): value is OrderState => value.kind === 'order-state')),
    now: () => market.now,
    ...changes
  })
  const ask = await serve(ports)
  const signed = (user: User) => ({ ...signedBy(user), 'x-thegrid-timestamp': String(Math.floor(market.now / 1000)) })
  const send: Send = async (user, method, path, body, headers = signed(user)) => ask(`/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  })
  const place = async (order: object = {}, user = ada): Promise<Record<string, unknown>> => {
    const { status, body } = await send(user, 'POST', '/orders', { ...limitBuy, ...order })
    if (status !== 201) throw new Error(JSON.stringify(body))
    return body.data
  }
  return { market, gateway, ports, send, place }
}

export const limitBuy = { market_id: prime.marketId, side: 'buy', type: 'limit', quantity: 10, price: '0.10' }
