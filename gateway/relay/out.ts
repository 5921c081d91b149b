// A client's response as a relay sees it: nothing is sent before it is begun, its pace is the reader's, and it is known
// when the client has gone.

import type { ServerResponse } from 'node:http'

export type Head = { readonly status: number, readonly headers: Readonly<Record<string, string>> }

export class Out {
  readonly #response: ServerResponse
  readonly #head: () => Head
  #hasBegun = false
  #isGone = false
  /** When something was last sent, by the clock that `write` is given. */
  lastWriteAt = 0
  /** The client can take more. */
  onDrain: () => void = () => {}
  /** The client went away before the end. */
  onGone: () => void = () => {}

  /** `head` is asked when the first text is sent. */
  constructor (response: ServerResponse, head: () => Head) {
    this.#response = response
    this.#head = head
    response.on('drain', () => { this.onDrain() })
    response.on('close', () => {
      if (response.writableFinished) return
      this.#isGone = true
      this.onGone()
    })
    if (response.destroyed) this.#isGone = true
  }

  /** Something was sent: the status can't be changed any more. */
  get hasBegun (): boolean {
    return this.#hasBegun
  }

  get isGone (): boolean {
    return this.#isGone
  }

  /** False: the client is slower than we are; no more until `onDrain`. */
  write (text: string, at: number): boolean {
    if (this.#isGone || text === '') return true
    this.#begin({})
    this.lastWriteAt = at
    return this.#response.write(text)
  }

  /** The last words of what was begun, or all of it. */
  end (text: string): void {
    if (this.#isGone) return
    if (this.#hasBegun) {
      this.#response.end(text)
      return
    }
    this.#begin({ 'content-length': String(Buffer.byteLength(text)) })
    this.#response.end(text)
  }

  #begin (more: Readonly<Record<string, string>>): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const { status, headers } = this.#head()
    this.#response.writeHead(status, { ...headers, ...more })
  }
}
