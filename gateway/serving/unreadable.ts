// What is no HTTP that a server could read: headers that are too long, or came too slowly, or are none. Nobody's
// surface is known then, so that the error has the fields that clients of each vendor look for.

import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { anthropicForm, openAiForm } from '../surfaces/error-forms.ts'
import { Fault } from '../surfaces/fault.ts'
import { corsHeaders, idHeaders, plainHeaders } from './replies.ts'

const lastWordsMs = 500

/** Null: the connection broke, and nobody is there to be told. */
function faultOf (code: unknown): Fault | null {
  if (code === 'HPE_HEADER_OVERFLOW') return new Fault('headers_too_large', 'The headers of this request are too long.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Fault('body_timeout', 'The request did not arrive in time.')
  return typeof code === 'string' && code.startsWith('HPE_') ? new Fault('malformed', 'This is not HTTP as it is written.') : null
}

function replyOf (fault: Fault, requestId: string): string {
  const { error, ...openAi } = openAiForm(fault, requestId) as { readonly error: object }
  const { type } = anthropicForm(fault, requestId)
  const body = JSON.stringify({ type, error, ...openAi })
  const headers = {
    ...plainHeaders,
    ...corsHeaders,
    ...idHeaders(requestId),
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close'
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status]}\r\n${lines.join('')}\r\n${body}`
}

/** `newId`: of what has none, since it is no request. */
export function answerUnreadable (server: Server, newId: () => string): void {
  const answers = new WeakMap<Duplex, ServerResponse>()
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => { answers.set(socket, response) })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const fault = faultOf(error.code)
    const answer = answers.get(socket)
    // In the middle of another answer there is no place for one.
    const isAnswering = answer !== undefined && answer.headersSent && !answer.writableFinished
    if (fault === null || isAnswering || !socket.writable) socket.destroy()
    else sendLast(socket, replyOf(fault, newId()))
  })
}

/** Cut at once, a client that still sends would not get to read why; one that never hangs up would stay for ever. */
function sendLast (socket: Duplex, reply: string): void {
  socket.end(reply)
  const timer = setTimeout(() => { socket.destroy() }, lastWordsMs)
  socket.on('close', () => { clearTimeout(timer) })
}
