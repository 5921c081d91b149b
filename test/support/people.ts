// Makes accounts fast: what the operator's commands would write one by one, in a few sends.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeCommandTag } from '../../pipelines/runtime/command.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import type { Context } from '../../pipelines/process/context.ts'
import { identityKey, type Identity } from '../../schemas/identity/records.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { topics } from '../../schemas/topics.ts'
import {
  instant, microdollars, ownerId, partitionOfHolder, units,
  type HolderId, type InstrumentId, type Microdollars, type Units
} from '../../schemas/units.ts'
import type { GatewayClient, Trader } from './trader.ts'

export type Means = {
  readonly cash: Microdollars
  readonly grant?: Microdollars
  /** Issued by the account itself, in each of these instruments. */
  readonly supply?: { readonly instruments: readonly InstrumentId[], readonly quantity: Units }
}

export type Enrolled = Means & {
  readonly trader: Trader
  /** The holder's own number, unless it is given. */
  readonly owner?: number
}

type Writer = Pick<Context, 'binder' | 'topic'>

const validMs = 45_000

type OfHolder = LedgerCommand & { readonly holder: HolderId }

export function fromHolder ({ binder, topic }: Writer, command: OfHolder): Outgoing {
  const at = instant(Date.now())
  return {
    topic: topic(topics.ledger.name),
    partition: partitionOfHolder(command.holder, topics.ledger.partitions),
    key: String(command.holder),
    value: binder.current.encode(command),
    headers: { command: writeCommandTag({ id: randomUUID(), validUntil: instant(at + validMs) }) },
    timestamp: at
  }
}

function identities ({ trader: { holder, publicKey, fingerprint }, owner = holder, supply }: Enrolled): Identity[] {
  const createdAt = instant(Date.now())
  const name = `trader ${holder}`
  return [
    {
      kind: 'user',
      userId: holder,
      owner: ownerId(owner),
      parent: null,
      email: `${holder}@example.org`,
      name,
      roles: supply === undefined ? ['trader'] : ['trader', 'supplier'],
      isActive: true,
      createdAt,
      updatedAt: createdAt
    },
    { kind: 'signing-key', keyId: `key-${holder}`, userId: holder, label: name, publicKey, fingerprint, createdAt }
  ]
}

function commands ({ trader: { holder }, owner = holder, cash, grant, supply }: Enrolled): OfHolder[] {
  const deposit = (amount: Microdollars, isGrant: boolean) =>
    ({ kind: 'deposit', holder, amount, isGrant, reference: `first ${isGrant ? 'grant' : 'cash'}` }) as const
  const made = (supply?.instruments ?? []).flatMap(instrumentId => {
    const given = { holder, instrumentId, quantity: supply?.quantity ?? units(0) }
    const named = (what: string): string => `${what} of ${instrumentId}`
    return [
      { kind: 'issue-supply', ...given, reference: named('first supply') },
      { kind: 'transfer-issued', ...given, reference: named('first transfer') }
    ] as const
  })
  return [
    { kind: 'set-holder', holder, owner: ownerId(owner), isIssuer: supply !== undefined, isSuspended: false },
    ...made,
    ...(grant === undefined ? [] : [deposit(grant, true)]),
    deposit(cash, false)
  ]
}

/** Writes them all. Who is to trade waits for `known`. */
export async function enrol (context: Writer & Pick<Context, 'log'>, people: readonly Enrolled[]): Promise<void> {
  const { binder, topic, log } = context
  const at = instant(Date.now())
  await log.send(people.flatMap(identities).map(identity => ({
    topic: topic(topics.identities.name),
    partition: 0,
    key: identityKey(identity),
    value: binder.current.encode(identity),
    headers: {},
    timestamp: at
  })))
  await log.send(people.flatMap(person => commands(person).map(command => fromHolder(context, command))))
}

const lookMs = 50
const patienceMs = 30_000

/** Until a gateway has the money of the last of them in each partition. */
export async function known (gateway: GatewayClient, people: readonly Enrolled[]): Promise<void> {
  const partitionOf = ({ trader }: Enrolled): number => partitionOfHolder(trader.holder, topics.ledger.partitions)
  const last = new Map(people.map(person => [partitionOf(person), person]))
  for (const { trader, cash, grant = microdollars(0) } of last.values()) {
    const expected = cash + grant
    for (const until = performance.now() + patienceMs; ;) {
      const found = await balance(gateway, trader).catch((error: unknown) => String(error))
      if (found === expected) break
      if (performance.now() > until) throw new Error(`${gateway.url} does not have ${expected} of ${trader.holder}, but ${found}`)
      await sleep(lookMs)
    }
  }
}

async function balance (gateway: GatewayClient, trader: Trader): Promise<number | string> {
  const { status, body } = await gateway.ask(trader, { method: 'GET', path: '/v1/currency-trading-accounts' })
  if (status !== 200) return JSON.stringify(body)
  const { data } = body as { data: { total_balance: string }[] }
  return Math.round(Number(data[0]!.total_balance) * 1_000_000)
}
