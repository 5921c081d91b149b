// What nobody should put on `orders`, one of each kind that matching sets aside.

import type { Context } from '../../pipelines/process/context.ts'
import type { Headers, Outgoing, Place } from '../../pipelines/runtime/log.ts'
import type { Instant } from '../../schemas/units.ts'
import type { Random } from './random.ts'

export type GarbageOptions = { readonly place: Place, readonly random: Random, readonly timestamp: Instant }

/** As many dead letters as records. None bears an origin that can be read: those are the flow's. */
export function garbage ({ binder }: Context, { place, random, timestamp }: GarbageOptions): Outgoing[] {
  const unknownSchema = Buffer.concat([Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]), random.bytes(30)])
  const command = { kind: 'cancel-order', orderId: 1, holder: 1, instrumentId: 'text-prime' }
  const cancel = binder.current.encode(command)
  const broken = Buffer.from(cancel.subarray(0, 7))
  const of = (value: Buffer | null, headers: Headers = {}): Outgoing =>
    ({ ...place, key: 'garbage', value, headers, timestamp })
  return [
    of(random.bytes(1 + Math.floor(random.next() * 200))),
    of(Buffer.alloc(0)),
    of(null),
    of(unknownSchema),
    of(broken),
    of(cancel),
    of(cancel, { origin: random.bytes(40) }),
    of(cancel, { command: random.bytes(40) }),
    of(cancel, { control: random.bytes(8) })
  ]
}
