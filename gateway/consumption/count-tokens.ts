// `/v1/messages/count_tokens`: how many tokens a request would be, by the reference tokenizer. It is billed to nobody,
// and counts as a request of its key's; of what is longer than its instrument takes, the rest is estimated.

import { inputMaxOf, imageTokens } from '../serving/hold.ts'
import { bodyOf } from '../serving/body.ts'
import { tokensOfAll } from '../serving/counting.ts'
import { inputTokens } from '../surfaces/messages/count.ts'
import { messagesSurface } from '../surfaces/messages/messages.ts'
import { sealFor } from '../tickets/seal.ts'
import { calling } from './brakes.ts'
import type { Consumption } from './consumption.ts'
import { instrumentOf } from './models.ts'
import type { Arrived, Reply } from './wire.ts'

export async function countReply (c: Consumption, arrived: Arrived): Promise<Reply> {
  c.shedding.check()
  const { key, user } = calling(c, arrived)
  const { json } = await bodyOf(arrived.request, c.settings.bodyIdleMs)
  const settings = c.keys.settings(user.userId)
  const instrument = instrumentOf(messagesSurface.modelOf(json), { settings, key })
  const context = { instrument, seal: sealFor(c.secrets, user.userId, c.random), previous: null }
  // Texts are only gathered at first: to count long ones takes so long that others must have their turn meanwhile.
  const texts: string[] = []
  const tokensOf = (text: string): number => {
    texts.push(text)
    return 0
  }
  const { input_tokens: around } = inputTokens(json, context, { tokensOf, imageTokens })
  const counted = await tokensOfAll(c.countTokens, texts, inputMaxOf(instrument.terms))
  return { json: { input_tokens: Number(around) + counted } }
}
