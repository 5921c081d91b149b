// A client's side of an answer: what has come, and what comes next.

import type { Readable } from 'node:stream'

export class Reading {
  #text = ''
  #isOver = false
  #error: unknown = null
  #wake: () => void = () => {}

  /** Takes all there is from now on. */
  constructor (stream: Readable) {
    stream.on('data', (part: Buffer) => { this.#came(part.toString('latin1')) })
    stream.on('error', error => { this.#error = error })
    stream.on('close', () => {
      this.#isOver = true
      this.#wake()
    })
  }

  /** What has come since the last look, once there is something; '' at the end. */
  async next (): Promise<string> {
    while (this.#text === '' && !this.#isOver) {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      this.#wake = () => { resolve(undefined) }
      await promise
    }
    const text = Buffer.from(this.#text, 'latin1').toString()
    this.#text = ''
    return text
  }

  /** All until the end that has not been looked at. */
  async rest (): Promise<string> {
    let text = ''
    for (let part = await this.next(); part !== ''; part = await this.next()) text += part
    return text
  }

  /** It was cut, not ended. */
  get isBroken (): boolean {
    return this.#error !== null
  }

  #came (text: string): void {
    this.#text += text
    this.#wake()
  }
}
