// What consumers and suppliers ask of the made-up market: requests that take tokens, readings that bill them, and what
// jobs ask for. Few requests and nonces, so that they meet; sequences rise or don't.

import { lotViews } from '../../../pipelines/ledger/lots/views.ts'
import { requestView } from '../../../pipelines/ledger/usage/views.ts'
import { instruments } from '../../../schemas/instruments.ts'
import type { LedgerCommand } from '../../../schemas/ledger/commands.ts'
import { budgetPeriod } from '../../../schemas/ledger/usage-commands.ts'
import { partitionOfHolder, type HolderId, type Instant, type LotId, type Microdollars, type Tokens } from '../../../schemas/units.ts'
import { consumer, holders, type World } from './world.ts'

const listed = instruments.slice(0, 2)

type Asked = LedgerCommand & { readonly holder: HolderId }

const requestOf = ({ random }: World): string => `q${random.below(2)}`
const some = ({ random }: World, below: number): Tokens => random.below(below) as Tokens

function authorize (world: World, holder: HolderId): Asked {
  const { random } = world
  const { instrumentId, trading: { referencePrice } } = listed[random.below(2)]!
  const need = 1 + random.below(2_500_000) as Tokens
  return {
    kind: 'authorize-usage',
    holder,
    instrumentId,
    requestId: requestOf(world),
    need,
    min: (random.chance(0.5) ? need : 1) as Tokens,
    recorder: 'gateway',
    limitPrice: random.chance(0.7) ? Math.ceil(referencePrice * 1.02) as Microdollars : null,
    spendMax: random.chance(0.2) ? random.below(3_000_000) as Microdollars : null,
    keyId: `k${random.below(2)}`,
    budget: random.chance(0.5) ? some(world, 5_000_000) : null,
    budgetPeriod: budgetPeriod[random.below(3)]!,
    managedPrice: random.chance(0.5) ? 1 + random.below(3_000_000) as Microdollars : null
  }
}

function reading (world: World, holder: HolderId): Asked {
  const { random, now } = world
  const { instrumentId } = listed[random.below(2)]!
  const of = {
    holder,
    requestId: requestOf(world),
    sequence: 1 + random.below(8),
    nonce: random.chance(0.9) ? 'n1' : 'n2',
    source: random.chance(0.95) ? 'gateway' : 'supplier:17'
  }
  const event = { ...of, instrumentId, eventId: `e${random.next()}`, occurredAt: now }
  const counts = { inputTokens: some(world, 400_000), outputTokens: some(world, 400_000) }
  const fault = (['supplier', 'house', 'client'] as const)[random.below(3)]!
  switch (random.below(4)) {
    case 0: return { kind: 'extend-usage', ...of, produced: some(world, 300_000), more: some(world, 900_000) }
    case 1: return { kind: 'void-usage', ...event, fault, reason: '', tokens: some(world, 1000) }
    default: return { kind: 'capture-usage', ...event, supplier: 17 as HolderId, ...counts }
  }
}

/** Of a lot that there is, as far as the partition has come; sometimes of none. */
function job (world: World, holder: HolderId): Asked {
  const { random } = world
  if (random.chance(0.5)) return { kind: 'sweep-position', holder, instrumentId: listed[random.below(2)]!.instrumentId }
  const lots = lotViews(world.ledgers[partitionOfHolder(holder, 8)]!.machine.state, holder)
  return { kind: 'expire-lot', holder, lotId: lots[random.below(lots.length + 1)]?.lotId ?? 64 as LotId }
}

function stopOrStart (world: World): void {
  const { random, now } = world
  const { instrumentId } = listed[random.below(2)]!
  const effectiveAt = now + random.below(5000) as Instant
  world.toLedgers({ kind: random.chance(0.5) ? 'stop-clock' : 'start-clock', instrumentId, effectiveAt })
}

/** What is next for a request, as far as its partition has come; now and then anything else. */
export function use (world: World, anyone: HolderId): void {
  const { random } = world
  // Mostly of two, so that requests get somewhere.
  const holder = random.chance(0.4) ? consumer : random.chance(0.8) ? holders[0]! : anyone
  const requestId = requestOf(world)
  const { state } = world.ledgers[partitionOfHolder(holder, 8)]!.machine
  const status = requestView(state, holder, requestId)?.status
  const isNext = random.chance(0.6)
  const start = { holder, requestId, nonce: random.chance(0.9) ? 'n1' : 'n2' }
  const chance = random.next()
  if (isNext && status === 'authorized') world.command({ kind: 'start-usage', ...start, supplier: 17 as HolderId })
  else if (isNext && status === 'started') world.command({ ...reading(world, holder), requestId } as Asked)
  else if (chance < 0.4) world.command(authorize(world, holder))
  else if (chance < 0.5) world.command({ kind: 'start-usage', ...start, supplier: 17 as HolderId })
  else if (chance < 0.54) world.command({ kind: 'unstart-usage', ...start })
  else if (chance < 0.7) world.command(reading(world, holder))
  else if (chance < 0.97) world.command(job(world, holder))
  else stopOrStart(world)
}
