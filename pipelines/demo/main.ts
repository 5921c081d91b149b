// The demo role: node pipelines/demo/main.ts

import { z } from 'zod'
import { instruments, type Instrument } from '../../schemas/instruments.ts'
import { orderId, type OrderId } from '../../schemas/units.ts'
import type { Context } from '../process/context.ts'
import { runRoles, type Role } from '../process/run-roles.ts'
import { InstrumentFlow } from './flow.ts'
import { leftovers } from './leftovers.ts'
import { recordedMessages, recordedTickSize } from './messages.ts'
import { sendAll, Traffic, type Player, type TrafficContext } from './traffic.ts'

const rate = z.coerce.number().min(1).max(2000).default(40)

/** The main ones; what one lab makes alone has no flow of its own here. */
const traded = instruments.filter(({ listing, supply }) => listing === 'listed' && supply === 'class')

/** D5: they grow by far less than 2^20 a second. */
function orderIds (): () => OrderId {
  let last = Math.floor(Date.now() / 1000) * 2 ** 20
  return () => orderId(++last)
}

function players (listed: readonly Instrument[]): Player[] {
  const messages = recordedMessages()
  const nextOrderId = orderIds()
  return listed.map(({ index, instrumentId, trading: { tickSize, referencePrice } }, place) => ({
    partition: index,
    flow: new InstrumentFlow({
      instrumentId,
      tickSize,
      referencePrice,
      recordedTickSize,
      messages,
      from: Math.floor(messages.length * place / listed.length),
      nextOrderId
    })
  }))
}

const demo: Role = async (context: Context) => {
  const { binder } = context
  const traffic: TrafficContext = {
    ...context,
    encode: value => binder.current.encode(value),
    read: value => binder.read(value)
  }
  const left = await leftovers(context, traded.map(({ index }) => index))
  await sendAll(traffic, left)
  context.logger.info(`${left.length} orders of an earlier run are cancelled`)
  const running = new Traffic(traffic, players(traded), rate.parse(process.env['DEMO_RATE']))
  await running.start()
  return () => running.stop()
}

await runRoles(new Map([['demo', demo]]))
