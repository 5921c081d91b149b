// Server-sent events, from bytes that are cut anywhere (in a character, in a line end) to the payloads of events.
// Of an event only `data` matters here; comments, names and ids are passed over (WHATWG HTML, 9.2.6).

import { StringDecoder } from 'node:string_decoder'

/** Past it an event is no event of a chat completion. */
export const eventLengthMax = 32 * 1024 * 1024

export class EventTooLong extends Error {}

export class SseParser {
  readonly #decoder = new StringDecoder('utf8')
  /** Of a line that has not ended. */
  #rest = ''
  /** Of an event that has not ended; null: it has no data yet. */
  #data: string | null = null
  #isFirst = true
  /** The last character was a CR: a LF after it belongs to the same line end. */
  #afterReturn = false

  /** The payloads of the events that these bytes complete. */
  feed (bytes: Buffer): string[] {
    const payloads: string[] = []
    let text = this.#decoder.write(bytes)
    if (text === '') return payloads
    if (this.#isFirst) {
      this.#isFirst = false
      if (text.startsWith('\uFEFF')) text = text.slice(1)
    }
    if (this.#afterReturn && text.startsWith('\n')) text = text.slice(1)
    this.#afterReturn = text.endsWith('\r')
    const lines = text.includes('\r') ? text.split(/\r\n|\n|\r/) : text.split('\n')
    lines[0] = this.#rest + lines[0]!
    this.#rest = lines.pop()!
    for (const line of lines) this.#take(line, payloads)
    if (this.#rest.length + (this.#data?.length ?? 0) > eventLengthMax) throw new EventTooLong('an event is too long')
    return payloads
  }

  /** What was left without an empty line after it: some upstreams end so. */
  end (): string[] {
    const payloads: string[] = []
    const rest = this.#rest + this.#decoder.end()
    this.#rest = ''
    if (rest !== '') this.#take(rest, payloads)
    this.#take('', payloads)
    return payloads
  }

  #take (line: string, payloads: string[]): void {
    if (line === '') {
      if (this.#data !== null) payloads.push(this.#data)
      this.#data = null
      return
    }
    if (!line.startsWith('data')) return
    if (line.length > 4 && line[4] !== ':') return
    const value = line[5] === ' ' ? line.slice(6) : line.slice(5)
    this.#data = this.#data === null ? value : `${this.#data}\n${value}`
  }
}
