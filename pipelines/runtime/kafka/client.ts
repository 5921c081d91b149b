// The one room that knows kafkajs: connections, and what has to be put right in the library before it is used.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Kafka, logLevel, type KafkaConfig, type logCreator } from 'kafkajs'
import type { Logger } from 'pino'
import type { KafkaAddress } from '../config.ts'
import { mendProduceRequest } from './produce-request.ts'

type RequestQueue = {
  throttledUntil: number
  pending: unknown[]
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests (): void
}

// kafkajs 2.2.4 asks for a timer of a negative length after every response (its issue 1751): on Node 24 that is a
// warning and a wake-up each millisecond. Here a timer is set only when something waits for one.
function mendRequestQueue (): void {
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: { scheduleCheckPendingRequests (): void } }
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return
    const waitMs = Math.max(10, this.throttledUntil - Date.now())
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    }, waitMs)
  }
}
mendRequestQueue()
mendProduceRequest()

// What the library calls an error is mostly a retry under way; only what gives up is one for us, and it is thrown.
function logTo (logger: Logger): logCreator {
  return () => ({ namespace, level, log: { message, ...rest } }) => {
    const { error, groupId, retryCount } = rest as { error?: unknown, groupId?: unknown, retryCount?: unknown }
    const line = { kafka: namespace, error, groupId, retryCount }
    if (level <= logLevel.WARN) logger.debug(line, message)
    else logger.trace(line, message)
  }
}

export function connect (address: KafkaAddress, clientId: string, logger: Logger): Kafka {
  const { brokers, tls, sasl } = address
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.WARN,
    logCreator: logTo(logger),
    connectionTimeout: 3000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 50, maxRetryTime: 2000, retries: Number.MAX_SAFE_INTEGER },
    ...(tls === undefined ? {} : { ssl: tls.caFile === undefined ? true : { ca: [readFileSync(tls.caFile)] } }),
    ...(sasl === undefined ? {} : { sasl })
  }
  return new Kafka(config)
}
