// The gateway's logger, and what must never be in a log.

import { pino, type DestinationStream, type Logger } from 'pino'

const secretHeaders = ['authorization', 'x-api-key', 'x-thegrid-signature', 'cookie', 'set-cookie']

/** Query parameters whose value opens a door. */
const secretParameters = new Set(['token', 'access_token', 'ticket', 'signature', 'key', 'api_key'])

const at = (path: string): string[] => secretHeaders.map(name => `${path}["${name}"]`)

export function logger (level: string, destination?: DestinationStream): Logger {
  const paths = [...at('headers'), ...at('*.headers'), 'token', '*.token']
  const options = { level, redact: { paths, censor: '[redacted]' } }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** The query as it may be logged. */
export function safeQuery (query: string): string {
  const parameters = new URLSearchParams(query)
  for (const name of new Set(parameters.keys())) {
    if (secretParameters.has(name.toLowerCase())) parameters.set(name, 'redacted')
  }
  return parameters.toString()
}
