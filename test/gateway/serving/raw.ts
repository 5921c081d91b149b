// What is sent over a socket as it is, and all that comes back until the other end closes.

import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

export type RawAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export async function raw (url: string, text: string): Promise<RawAnswer> {
  const { protocol, hostname, port } = new URL(url)
  const socket = protocol === 'https:'
    ? connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false })
    : connect(Number(port), hostname)
  socket.write(text)
  let said = ''
  socket.on('data', (part: Buffer) => { said += part.toString() })
  await once(socket, 'close')
  const [head = '', body = ''] = said.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(lines.map(each => each.split(': ', 2) as [string, string]))
  return { status: Number(line.split(' ')[1]), headers, json: JSON.parse(body) as RawAnswer['json'] }
}

export const longHeaders = `GET /v1/models HTTP/1.1\r\nhost: a\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`
export const noHttp = 'HELO market.example\r\n\r\n'
