// How long an order takes to become a fill that a reader sees, beside one raw hop: a record sent and read with kafkajs.
// At a modest rate, so that it is waiting and not work that is measured; each counts from when it was due to be sent,
// so that a sender held up is no excuse. The two take turns, a few seconds each.

import { matching } from '../../pipelines/matching/stage.ts'
import { writeCommandTag } from '../../pipelines/runtime/command.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import { instruments, setParameters } from '../../schemas/instruments.ts'
import { orderDefaults, type Fill, type PlaceOrder } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import { basisPoints, holderId, instant, orderId, ownerId, units, type Instant, type Side } from '../../schemas/units.ts'
import type { BenchOptions } from './bench.ts'
import { Arrivals, paced, quantile, type OpenArm } from './paced.ts'
import { rawHop } from './raw-hop.ts'
import type { BenchRow } from './row.ts'
import { inWorld, matcher, type World } from './world.ts'

const pairsASecond = 200
const validMs = 30_000
const instrument = instruments[0]!
/** Bands are off, so that nothing but the order's way is measured. */
const parameters = { ...setParameters(instrument), bandBp: basisPoints(0), pauseMs: 0 }

export async function latency (options: BenchOptions): Promise<BenchRow[]> {
  const turns = options.small ? 1 : 4
  const pairs = pairsASecond * (options.small ? 1 : 5)
  const listings = new Map([[instrument.index, parameters]])
  const [ours, hop] = await inWorld(options, { listings }, async world => {
    await world.supervisor.start(matcher(world, 'clock', 'matching'))
    const arms = [await throughMatching(world), await rawHop(world, pairsASecond)] as const
    const taken: [number[], number[]] = [[], []]
    // The first turn of each warms the code and is not kept.
    for (const arm of arms) await arm.run(pairsASecond)
    for (let turn = 0; turn < turns; turn++) {
      for (const [index, arm] of arms.entries()) taken[index]!.push(...await arm.run(pairs))
      options.progress(`turn ${turn + 1}: p99 ${quantile(taken[0], 0.99).toFixed(1)} ms, one hop ${quantile(taken[1], 0.99).toFixed(1)} ms`)
    }
    for (const arm of arms) await arm.close()
    return taken
  })
  const [value, besideValue] = [quantile(ours, 0.99), quantile(hop, 0.99)]
  const ratio = 4 * besideValue / value
  const inWords = (taken: readonly number[]): string =>
    [0.5, 0.9, 0.99].map(share => quantile(taken, share).toFixed(2)).join(' / ')
  return [{
    name: 'order to fill, p99',
    unit: 'ms',
    value: Number(value.toFixed(2)),
    beside: 'one raw hop, p99',
    besideValue: Number(besideValue.toFixed(2)),
    ratio: Number(ratio.toFixed(2)),
    goal: options.small ? null : 1,
    ok: options.small || ratio >= 1,
    conditions: `ratio: 4 hops / ours; ${pairsASecond} crossing pairs a second, ${ours.length} each, in ${turns} turns; ` +
      `p50 / p90 / p99: ours ${inWords(ours)}, one hop ${inWords(hop)}`
  }]
}

async function throughMatching ({ context }: World): Promise<OpenArm> {
  const { binder, log, topic } = context
  const arrived = new Arrivals()
  const place = { topic: topic(topics.fills.name), partition: instrument.index }
  const { end } = await log.extent(place.topic, place.partition)
  const reading = await log.read({ ...place, from: end }, batch => {
    for (const { value } of batch) arrived.see((binder.current.decode(value) as Fill).takerOrderId)
    return Promise.resolve()
  }, context.failed)
  let last = 0
  return {
    run: async pairs => {
      const first = last + 2
      last += 2 * pairs
      return await paced({ count: pairs, aSecond: pairsASecond }, arrived, {
        id: pair => first + 2 * pair,
        send: due => log.send(due.flatMap(taker => [order(context, taker - 1, 'sell'), order(context, taker, 'buy')]))
      })
    },
    close: () => reading.close()
  }
}

const now = (): Instant => instant(Date.now())

function order ({ binder, topic }: World['context'], id: number, side: Side): Outgoing {
  const command: PlaceOrder = {
    ...orderDefaults,
    kind: 'place-order',
    orderId: orderId(id),
    holder: holderId(side === 'buy' ? 1 : 2),
    owner: ownerId(side === 'buy' ? 1 : 2),
    instrumentId: instrument.instrumentId,
    side,
    type: 'limit',
    timeInForce: side === 'buy' ? 'ioc' : 'gtc',
    postOnly: false,
    price: parameters.referencePrice,
    quantity: units(1),
    selfTradePrevention: 'cancel_newest'
  }
  const at = now()
  const tag = writeCommandTag({ id: `bench-${id}`, validUntil: instant(at + validMs) })
  return {
    topic: topic(matching().reads),
    partition: instrument.index,
    key: instrument.instrumentId,
    value: binder.current.encode(command),
    headers: { command: tag },
    timestamp: at
  }
}
