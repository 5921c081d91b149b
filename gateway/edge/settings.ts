// What an edge is told: by the environment, and by flags of the same names. Secrets have no flag: a process list shows
// flags to everybody on the machine.

import { parseArgs } from 'node:util'
import { z } from 'zod'
import { holderId } from '../../schemas/units.ts'
import type { JsonObject } from '../surfaces/surface.ts'

const count = z.coerce.number().int().min(1)

const extra = z.string().transform((text, context): JsonObject => {
  try {
    return z.record(z.string(), z.json()).parse(JSON.parse(text))
  } catch {
    context.addIssue({ code: 'custom', message: 'is a JSON object' })
    return z.NEVER
  }
})

const list = z.string().transform(text => text.split(',').map(part => part.trim()).filter(part => part !== ''))

const address = z.url({ protocol: /^https?$/ }).transform(text => new URL(text))

const secrets = ['UPSTREAM_KEY', 'SUPPLIER_SIGNING_KEY']

const settings = z.object({
  HOST: z.string().default('127.0.0.1').meta({ description: 'where it listens' }),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4050),
  TLS_CERT: z.string().optional().meta({ description: 'file; with TLS_KEY it speaks https' }),
  TLS_KEY: z.string().optional().meta({ description: 'file' }),
  UPSTREAM_URL: address.meta({ description: 'of the model server; with a path, chat completions are below it, else below /v1' }),
  UPSTREAM_KEY: z.string().optional().meta({ description: 'its bearer' }),
  UPSTREAM_MODEL: z.string().min(1).meta({ description: 'as it calls the model' }),
  UPSTREAM_CAP_FIELD: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
  UPSTREAM_EXTRA: extra.default({}).meta({ description: 'JSON object, in every request' }),
  UPSTREAM_CONNECT_MS: count.default(2000),
  UPSTREAM_HEADERS_MS: count.default(60_000),
  UPSTREAM_IDLE_MS: count.default(120_000),
  MARKET_URL: address.meta({ description: 'of a gateway' }),
  SUPPLIER: z.coerce.number().int().min(1).transform(holderId).meta({ description: 'your holder id' }),
  SUPPLIER_SIGNING_KEY: z.base64().transform(text => Buffer.from(text, 'base64'))
    .meta({ description: 'seed of your signing key, 32 bytes in base64' }),
  ENDPOINT_ID: list.default([]).meta({ description: 'of this edge, as registered; several with commas' }),
  SPOOL_DIR: z.string().default('edge-spool').meta({ description: 'folder of readings that are not sent yet' }),
  IN_FLIGHT_MAX: count.default(1000),
  TOTAL_MS: count.default(90 * 60_000).meta({ description: 'from a request\'s headers to the last byte of its answer' }),
  HEARTBEAT_MS: count.default(15_000).meta({ description: 'a client that is streamed to waits no longer for a sign of life' }),
  DRAIN_MS: count.default(600_000),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  REGISTER: z.stringbool().default(false).meta({ description: 'tells the market of this edge, with what follows' }),
  INSTRUMENT: z.string().optional().meta({ description: 'what it serves' }),
  EDGE_URL: z.string().optional().meta({ description: 'where gateways reach it' }),
  PUBLIC_URL: z.string().optional().meta({ description: 'where clients reach it' }),
  REQUESTS_PER_MINUTE: count.optional(),
  TOKENS_PER_MINUTE: count.optional(),
  TLS_PIN: z.string().optional().meta({ description: 'SHA-256 of its public key, base64' })
}).superRefine((read, context) => {
  const need = (isMissing: boolean, path: string, why: string): void => {
    if (isMissing) context.addIssue({ code: 'custom', path: [path], message: why })
  }
  const { REGISTER, INSTRUMENT, EDGE_URL, ENDPOINT_ID, TLS_CERT, TLS_KEY } = read
  need(REGISTER && INSTRUMENT === undefined, 'INSTRUMENT', 'is needed to register')
  need(REGISTER && EDGE_URL === undefined, 'EDGE_URL', 'is needed to register')
  need(!REGISTER && ENDPOINT_ID.length === 0, 'ENDPOINT_ID', 'is needed, or REGISTER')
  need((TLS_CERT === undefined) !== (TLS_KEY === undefined), 'TLS_CERT', 'and TLS_KEY go together')
})

export type Settings = z.output<typeof settings>
type Environment = Readonly<Record<string, string | undefined>>

const flagOf = (name: string): string => name.toLowerCase().replaceAll('_', '-')

const names = Object.keys(settings.shape)

/** `args` over `environment`. Throws an error that names each setting that is missing or wrong, and no value of one. */
export function readSettings (environment: Environment, args: readonly string[]): Settings {
  const open = names.filter(name => !secrets.includes(name))
  const options = Object.fromEntries(open.map(name => [flagOf(name), name === 'REGISTER' ? flag : text]))
  const { values } = parseArgs({ args: [...args], options })
  const given = Object.fromEntries(names.map(name => [name, values[flagOf(name)] ?? environment[name]] as const)
    // One that is there and empty is one that is not there.
    .filter(([, value]) => value !== '' && value !== undefined).map(([name, value]) => [name, String(value)]))
  const read = settings.safeParse(given)
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Error(`settings:\n  ${faults.join('\n  ')}`)
}

const flag = { type: 'boolean' } as const
const text = { type: 'string' } as const

export function help (): string {
  const lines = Object.entries(settings.shape).map(([name, schema]) => {
    const about = schema.meta()?.description ?? ''
    return `  ${name.padEnd(22)}${secrets.includes(name) ? '' : `--${flagOf(name)}`}`.padEnd(50) + about
  })
  return `An edge: lets the market's requests in to a model server.\n\n${lines.join('\n')}\n`
}
