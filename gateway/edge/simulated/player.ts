// Plays answers into sockets at their pace: one timer for all of them, however many there are.

import type { ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { Behaviour } from './behaviour.ts'

const tickMs = 4
/** Of a stream without end that has no pace: parts at a time. */
const burst = 64
const writeBytesMax = 65_536

type Stream = {
  readonly response: ServerResponse
  readonly behaviour: Behaviour
  readonly parts: readonly Buffer[]
  readonly paced: number
  readonly isWhole: boolean
  readonly startedAt: number
  next: number
  isBlocked: boolean
}

const said = { error: { message: 'The simulated upstream failed.', type: 'server_error', code: 'simulated' } }
const errorEvent = Buffer.from(`data: ${JSON.stringify(said)}\n\n`)
const garbage = Buffer.from([0xff, 0xfe, ...Buffer.from('data: {"choices":[{\n\ndata: <html>\n\n'), 0x00, 0xc3])

const isCutShort = ({ fail }: Behaviour): boolean => ['cut', 'stall', 'error', 'garbage'].includes(fail)

function piecesOf (bytes: Buffer, length: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length))
}

/** What is written before it ends, or fails. */
function partsOf ({ parts }: Answer, behaviour: Behaviour): readonly Buffer[] {
  const all = isCutShort(behaviour) ? parts.slice(0, behaviour.after) : parts
  return behaviour.piece_bytes === 0 ? all : piecesOf(Buffer.concat(all), behaviour.piece_bytes)
}

const isEndless = ({ behaviour: { fail } }: Stream): boolean => fail === 'endless'

/** How many parts may have been written by now. */
function dueOf (stream: Stream, now: number): number {
  const { parts, paced, next, behaviour: { first_token_ms: first, tokens_per_second: pace } } = stream
  const elapsed = now - stream.startedAt - first
  if (elapsed < 0) return -1
  if (isEndless(stream)) return pace === 0 ? next + burst : Math.floor(elapsed * pace / 1000) + 2
  // The first part has a role and no token; what has no token of its own goes with the last.
  const due = pace === 0 ? paced : Math.floor(elapsed * pace / 1000) + 2
  if (due >= paced) return parts.length
  return stream.isWhole ? 0 : Math.min(due, parts.length)
}

/** Without end: the same words again. */
const partAt = ({ parts, paced, behaviour: { fail } }: Stream, index: number): Buffer =>
  parts[fail !== 'endless' ? index : paced < 2 ? 0 : index < paced ? index : 1 + (index - 1) % (paced - 1)]!

/** What is due, in one write as far as it is not much. */
function nextBytes (stream: Stream, due: number): Buffer {
  const bytes: Buffer[] = []
  for (let length = 0; stream.next < due && length < writeBytesMax; stream.next += 1) {
    const part = partAt(stream, stream.next)
    bytes.push(part)
    length += part.length
  }
  return bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes)
}

export class Player {
  readonly #streams = new Set<Stream>()
  #timer: NodeJS.Timeout | null = null

  /** The head has been given, and not written yet. */
  play (response: ServerResponse, answer: Answer, behaviour: Behaviour): void {
    const stream = {
      response,
      behaviour,
      parts: partsOf(answer, behaviour),
      paced: answer.paced,
      isWhole: answer.isWhole,
      startedAt: performance.now(),
      next: 0,
      isBlocked: false
    }
    this.#streams.add(stream)
    response.on('close', () => { this.#forget(stream) })
    response.on('drain', () => {
      stream.isBlocked = false
      this.#advance(stream, performance.now())
    })
    if (behaviour.piece_bytes > 0) this.#dribble(stream)
    else this.#advance(stream, stream.startedAt)
    if (this.#streams.size > 0) this.#timer ??= setInterval(() => { this.#tick() }, tickMs)
  }

  #tick (): void {
    const now = performance.now()
    for (const stream of this.#streams) if (stream.behaviour.piece_bytes === 0) this.#advance(stream, now)
  }

  #forget (stream: Stream): void {
    this.#streams.delete(stream)
    if (this.#streams.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #advance (stream: Stream, now: number): void {
    const { response, parts } = stream
    if (response.destroyed || !this.#streams.has(stream)) return
    const due = dueOf(stream, now)
    while (stream.next < due && !stream.isBlocked) stream.isBlocked = !response.write(nextBytes(stream, due))
    if (!stream.isBlocked && !isEndless(stream) && stream.next >= parts.length && due >= parts.length) this.#end(stream)
  }

  /** A piece a turn of the event loop, so that each is a write of its own; pace and back-pressure don't matter here. */
  #dribble (stream: Stream): void {
    const { response, parts } = stream
    if (response.destroyed) return
    if (stream.next >= parts.length) {
      this.#end(stream)
      return
    }
    response.write(parts[stream.next])
    stream.next += 1
    setImmediate(() => { this.#dribble(stream) })
  }

  #end (stream: Stream): void {
    const { response, behaviour: { fail } } = stream
    this.#forget(stream)
    switch (fail) {
      case 'error': response.end(errorEvent); return
      case 'garbage': response.end(garbage); return
      case 'cut':
        response.flushHeaders()
        response.socket?.destroySoon()
        return
      // Silent from here on.
      case 'stall': response.flushHeaders(); return
      default: response.end()
    }
  }
}
