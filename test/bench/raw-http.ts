// A client that costs next to nothing, since it runs on the same cores as what it asks: requests that were made before,
// over connections that stay open, and of each answer its status and its body.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export type Answer = { readonly status: number, readonly body: Buffer }

type Headers = Readonly<Record<string, string>>

export function requestBytes (method: string, path: string, headers: Headers, body: string): Buffer {
  const lines = Object.entries({ host: 'bench', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const content = body === '' ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}${content}\r\n${body}`)
}

const headEnd = Buffer.from('\r\n\r\n')

/** One connection, opened again where a server has closed it for being idle; one request at a time. */
export class RawConnection {
  readonly #port: number
  #socket: Socket | undefined
  #received: Buffer = Buffer.alloc(0)
  #answered: ((answer: Answer) => void) | undefined
  #failed: ((error: Error) => void) | undefined

  constructor (port: number) {
    this.#port = port
  }

  async open (): Promise<Socket> {
    const socket = connect(this.#port, '127.0.0.1')
    await once(socket, 'connect')
    socket.setNoDelay(true)
    socket.on('data', part => { this.#take(part) })
    socket.on('error', error => this.#failed?.(error))
    socket.on('close', () => this.#failed?.(new Error('the connection was closed')))
    this.#socket = socket
    return socket
  }

  async ask (request: Buffer): Promise<Answer> {
    const socket = this.#socket?.writable === true ? this.#socket : await this.open()
    return await new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#failed = reject
      socket.write(request)
    })
  }

  #take (part: Buffer): void {
    this.#received = this.#received.length === 0 ? part : Buffer.concat([this.#received, part])
    const end = this.#received.indexOf(headEnd)
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    const from = end + headEnd.length
    if (this.#received.length < from + length) return
    const body = this.#received.subarray(from, from + length)
    this.#received = Buffer.alloc(0)
    this.#failed = undefined
    this.#answered?.({ status: Number(head.slice(9, 12)), body })
  }

  close (): void {
    this.#socket?.destroy()
  }
}

export async function openAll (port: number, count: number): Promise<RawConnection[]> {
  const connections = Array.from({ length: count }, () => new RawConnection(port))
  await Promise.all(connections.map(connection => connection.open()))
  return connections
}

/** Each request once, as many at a time as there are connections; their answers in order. */
export async function askAll (connections: readonly RawConnection[], requests: readonly Buffer[]): Promise<Answer[]> {
  const answers: Answer[] = new Array<Answer>(requests.length)
  let next = 0
  await Promise.all(connections.map(async connection => {
    while (next < requests.length) {
      const index = next++
      answers[index] = await connection.ask(requests[index]!)
    }
  }))
  return answers
}
