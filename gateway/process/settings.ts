// The environment of a gateway, checked once at its start.

import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { paymentFields } from '../credit/choice.ts'
import { readNetworks } from '../suppliers/addresses.ts'
import { readSecrets, secretOf, type Secrets } from '../tickets/secrets.ts'

const count = z.coerce.number().int().min(1)
const orNone = (schema: typeof count) => z.literal('').transform(() => null).or(schema)

export const gatewaySettings = z.object({
  ...paymentFields,
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4040),
  IS_BEHIND_PROXY: z.stringbool().default(false),
  REQUESTS_A_MINUTE: count.default(1200),
  ORDERS_A_SECOND: count.default(100),
  ORDERS_A_MINUTE: count.default(3000),
  ORDER_BURST: count.default(200),
  /** That endpoints of suppliers may be in though they are not public, as CIDR, apart by commas. */
  ALLOWED_NETWORKS: z.string().default('').transform(readNetworks),
  UPSTREAM_CONNECT_MS: count.default(2000),
  UPSTREAM_HEADERS_MS: count.default(60_000),
  UPSTREAM_IDLE_MS: count.default(120_000),
  /** Of inference, an account's: requests a minute, tokens a minute, requests at once. Empty: not bounded. */
  INFERENCE_REQUESTS_A_MINUTE: orNone(count).default(6000),
  INFERENCE_TOKENS_A_MINUTE: orNone(count).default(null),
  INFERENCE_AT_ONCE: orNone(count).default(1000),
  /** How long the body of a request for inference may stand still. */
  BODY_IDLE_MS: count.default(30_000),
  /** How long one answer may take in all. */
  ANSWER_MS: count.default(90 * 60_000),
  HEARTBEAT_MS: count.default(15_000),
  /** The same on every gateway; name:base64 of 32 bytes, the first signs. */
  TICKET_SECRETS: z.string().optional().transform(setting => setting === undefined ? null : readSecrets(setting)),
  /** Readings until the log has them. No two processes share it. */
  SPOOL_DIR: z.string().default('.data/gateway-spool'),
  /** How late the turns of this process may be before it refuses new requests. */
  DELAY_MS_MAX: count.default(500),
  /** How long answers under way may go on when the process has to go. */
  DRAIN_MS: z.coerce.number().int().min(0).default(10 * 60_000)
})
export type GatewaySettings = z.output<typeof gatewaySettings>

/** For a gateway that has none: good until it ends, and at no other. */
export const ownSecrets = (): Secrets => [secretOf('own', randomBytes(32))]
