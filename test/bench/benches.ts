// Every bench, in the order in which they run: those that need no servers first, while none of ours is there.

import type { Bench } from './bench.ts'
import { accountsRestart } from './accounts-restart.ts'
import { inference } from './inference/inference.ts'
import { latency } from './latency.ts'
import { ledgerCore } from './ledger-core.ts'
import { lotDraws } from './lot-draws.ts'
import { matchingCore } from './matching-core.ts'
import { memory } from './memory.ts'
import { orderToFill } from './order-to-fill.ts'
import { metering } from './metering.ts'
import { orders } from './orders.ts'
import { restart } from './restart.ts'
import { signatures } from './signatures.ts'
import { sinks } from './sinks.ts'

export const benches: readonly Bench[] = [
  { name: 'matching-core', needsStack: false, run: matchingCore },
  { name: 'ledger-core', needsStack: false, run: ledgerCore },
  { name: 'lot-draws', needsStack: false, run: lotDraws },
  { name: 'signatures', needsStack: false, run: signatures },
  { name: 'memory', needsStack: false, run: memory },
  { name: 'order-to-fill', needsStack: true, run: orderToFill },
  { name: 'latency', needsStack: true, run: latency },
  { name: 'orders', needsStack: true, run: orders },
  { name: 'inference', needsStack: true, run: inference },
  { name: 'metering', needsStack: true, run: metering },
  { name: 'sinks', needsStack: true, run: sinks },
  { name: 'restart', needsStack: true, run: restart },
  { name: 'accounts-restart', needsStack: true, run: accountsRestart }
]
