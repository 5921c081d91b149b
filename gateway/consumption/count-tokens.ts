// `/v1/messages/count_tokens`: how many tokens a request would be, by the reference tokenizer. Costs nothing.

import { inputTokens } from '../surfaces/messages/count.ts'
import { messagesSurface } from '../surfaces/messages/messages.ts'
import { sealFor } from '../tickets/seal.ts'
import { callerOf } from './caller.ts'
import type { Consumption } from './consumption.ts'
import { imageTokens } from '../serving/hold.ts'
import { bodyOf } from '../serving/body.ts'
import { instrumentOf } from './models.ts'
import type { Arrived, Reply } from './wire.ts'

export async function countReply (c: Consumption, arrived: Arrived): Promise<Reply> {
  const { request: { headers }, address } = arrived
  const { key, user } = callerOf(c, { headers, address, now: c.now() })
  const { json } = await bodyOf(arrived.request, c.settings.bodyIdleMs)
  const settings = c.keys.settings(user.userId)
  const instrument = instrumentOf(messagesSurface.modelOf(json), { settings, key })
  const context = { instrument, seal: sealFor(c.secrets, user.userId, c.random), previous: null }
  return { json: inputTokens(json, context, { tokensOf: c.countTokens, imageTokens }) }
}
