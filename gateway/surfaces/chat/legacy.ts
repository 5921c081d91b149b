// The chat of the first clients, under `consumption/chat`: the same request, its whole answer in an envelope.

import type { AnswerCollector, Surface } from '../surface.ts'
import { chatSurface } from './chat.ts'

const enveloped = (collector: AnswerCollector): AnswerCollector => ({
  take: chunk => { collector.take(chunk) },
  end: end => ({ data: collector.end(end) })
})

export const legacyChatSurface: Surface = {
  ...chatSurface,
  collect: (inference, served) => enveloped(chatSurface.collect(inference, served))
}
