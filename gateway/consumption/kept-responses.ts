// `/v1/responses/{id}`: what a client asked to be kept, for as long as it is.

import { Fault } from '../surfaces/fault.ts'
import type { Kept } from '../surfaces/surface.ts'
import { calling } from './brakes.ts'
import type { Consumption } from './consumption.ts'
import type { Arrived, Reply } from './wire.ts'

const unknown = (id: string): Fault => new Fault('response_not_found', `No response ${id} is kept.`)

export async function keptReply (c: Consumption, id: string, arrived: Arrived): Promise<Reply> {
  const { user: { userId } } = calling(c, arrived)
  if (arrived.request.method === 'DELETE') {
    if (!await c.responses.remove(userId, id)) throw unknown(id)
    return { json: { id, object: 'response', deleted: true } }
  }
  const text = await c.responses.get(userId, id)
  if (text === null) throw unknown(id)
  return { json: (JSON.parse(text) as Kept).response }
}
