// The body of an attempt, event by event: mended, measured, written. Everything between two reads is synchronous.

import { Mender } from '../surfaces/mend.ts'
import type { AnswerCollector, AnswerWriter } from '../surfaces/surface.ts'
import type { ChatChunk } from '../surfaces/chunk.ts'
import { UpstreamFailure, type Attempt } from './attempt.ts'
import type { Delivered } from './delivered.ts'
import type { Out } from './out.ts'
import { SseParser } from './sse.ts'

export type Pump = {
  /** What ids that an upstream left out are made of. */
  readonly requestId: string
  readonly attempt: Attempt
  readonly delivered: Delivered
  readonly out: Out
  /** Streams to the client; null: the answer is collected. */
  readonly writer: AnswerWriter | null
  readonly collector: AnswerCollector | null
  readonly elapsedMs: () => number
  /** Asked after each read: true ends the answer here. */
  readonly isSpent: () => boolean
  /** Who the answer is said to be by, where nobody is to know who it is; absent: as the upstream says. */
  readonly servedAs?: string
}

/** What became of the body: it ended by itself, or was ended for want of tokens. */
export type Pumped = 'ended' | 'spent'

type Named = { readonly requestId: string, readonly servedAs: string }

/** Of a chunk's own fields only those that every server's has: ids and further ones have names in them. */
const anonymous = ({ created, choices, usage }: ChatChunk, { requestId, servedAs }: Named): ChatChunk => ({
  id: `chatcmpl-${requestId}`,
  object: 'chat.completion.chunk',
  created,
  model: servedAs,
  choices,
  ...(usage === undefined ? {} : { usage })
})

/** How long an upstream may take to close what it has ended. */
const closingMs = 1000

/** Throws an `UpstreamFailure`: the upstream's, or `aborted` where the client has gone. */
export async function pump (of: Pump): Promise<Pumped> {
  const { requestId, attempt, delivered, out, writer, collector, elapsedMs, isSpent, servedAs } = of
  const parser = new SseParser()
  const mender = new Mender(requestId)
  const seen = { isSpent: false, isDone: false }
  let closing: NodeJS.Timeout | undefined
  const takeChunk = (chunk: ChatChunk, raw: string | null, at: number): string => {
    const shown = servedAs === undefined ? chunk : anonymous(chunk, { requestId, servedAs })
    delivered.take(shown, at)
    collector?.take(shown)
    return writer === null ? '' : writer.write(shown, shown === chunk ? raw : null)
  }
  const takeAll = (payloads: readonly string[]): boolean => {
    const at = elapsedMs()
    let text = ''
    for (const payload of payloads) {
      if (seen.isDone) break
      if (payload.trim() === '') continue // A heartbeat of somebody's own kind.
      const mended = mender.read(payload)
      if (mended.kind === 'chunk') text += takeChunk(mended.chunk, mended.raw, at)
      else if (mended.kind === 'done') {
        seen.isDone = true
        // Most close at once, and then the connection is good for the next request.
        closing = setTimeout(() => { attempt.abort(new UpstreamFailure('idle')) }, closingMs)
      } else throw new UpstreamFailure('reported', { said: mended.message })
    }
    return out.write(text, at)
  }
  out.onDrain = () => { attempt.resume() }
  out.onGone = () => { attempt.abort() }
  if (out.isGone) attempt.abort()
  try {
    await attempt.read(bytes => {
      const canTakeMore = takeAll(parser.feed(bytes))
      if (isSpent()) {
        seen.isSpent = true
        attempt.abort()
      }
      return canTakeMore
    })
    takeAll(parser.end())
  } catch (error) {
    if (!seen.isSpent && !((seen.isDone || delivered.isWhole) && isBroken(error))) throw error
  } finally {
    clearTimeout(closing)
  }
  if (seen.isSpent) return 'spent'
  if (!delivered.isWhole) throw new UpstreamFailure('truncated')
  return 'ended'
}

/** It broke, or stood still: after the end of an answer that is no matter. */
const isBroken = (error: unknown): boolean =>
  error instanceof UpstreamFailure && (error.kind === 'reset' || error.kind === 'idle')
