// Consumption keys: what a program of the caller's draws inference with.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { drawConsumptionKey } from '../../pipelines/identities/consumption-keys.ts'
import type { ConsumptionKey } from '../../schemas/identity/records.ts'
import { ApiError, invalid } from '../errors.ts'
import type { SignedCall } from '../http/call.ts'
import { nothing, one } from '../http/reply-schemas.ts'
import { command, ownResource, type Reply, type Route } from '../http/route.ts'
import type { Ports } from '../ports.ts'
import { changedKey, changedKeyFields, keyJson, keyRow, limitsOf, newKeyFields } from './key-fields.ts'
import type { SettingsPort } from './settings-port.ts'

const keysMax = 500

/** Of the request that makes it, so that the request sent again makes no second one. */
function keyIdOf ({ caller, tag, idempotencyKey }: SignedCall): string {
  const name = idempotencyKey === null ? `request ${tag.id}` : `client ${idempotencyKey}`
  const hex = createHash('sha256').update(`${caller.holder} ${name}`).digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)]
  return `api_key_${parts.join('-')}`
}

/** Another's is as if it were not there. */
function ownKey (settings: SettingsPort, { caller, params }: SignedCall): ConsumptionKey {
  const key = settings.keys(caller.holder).find(({ keyId }) => keyId === params['key'])
  if (key === undefined) throw new ApiError('not_found', 'You have no such key.')
  return key
}

async function make ({ settings }: Ports, call: SignedCall, asked: z.output<typeof newKeyFields>): Promise<Reply> {
  const { name, expires_at: expiresAt = null, ...limits } = asked
  if (expiresAt !== null && expiresAt <= call.at) throw invalid({ 'api_key.expires_at': ['is not in the future'] })
  const keyId = keyIdOf(call)
  const keys = settings.keys(call.caller.holder)
  if (keys.some(key => key.keyId === keyId)) {
    throw new ApiError('key_shown', 'This key was made already, and is shown once. Delete it and make another.', { details: { id: keyId } })
  }
  if (keys.length >= keysMax) throw new ApiError('too_many_keys', `You have ${keysMax} keys: delete one first.`)
  const asks = { keyId, userId: call.caller.holder, name, expiresAt, limits: limitsOf(limits) }
  const { kept, key } = drawConsumptionKey(asks, call.at)
  await settings.write(kept)
  return { status: 201, body: { data: keyJson(kept, key) } }
}

export function apiKeyRoutes (ports: Ports): Route[] {
  const { settings } = ports
  return [
    ownResource({
      path: '/api-keys',
      summary: 'Your keys for inference, the oldest first.',
      query: {},
      replies: { 200: z.strictObject({ data: z.array(keyRow) }) },
      answer: ({ caller }) => {
        const keys = settings.keys(caller.holder).toSorted((a, b) => a.createdAt - b.createdAt)
        return { body: { data: keys.map(key => keyJson(key)) } }
      }
    }),
    command({
      method: 'POST',
      path: '/api-keys',
      summary: 'Makes a key for inference; it is shown in this answer and never again.',
      body: z.object({ api_key: newKeyFields }).meta({ id: 'NewApiKeyAsked' }),
      replies: { 201: one(keyRow) },
      answer: (call, { api_key: asked }) => make(ports, call, asked)
    }),
    ownResource({
      path: '/api-keys/:key',
      summary: 'A key of yours, without the key itself.',
      query: {},
      replies: { 200: one(keyRow) },
      answer: call => ({ body: { data: keyJson(ownKey(settings, call)) } })
    }),
    command({
      method: 'PUT',
      path: '/api-keys/:key',
      summary: 'Changes a key; what is not sent stays as it is.',
      body: z.object({ api_key: changedKeyFields }).meta({ id: 'ApiKeyChangeAsked' }),
      replies: { 204: nothing },
      answer: async (call, { api_key: asked }) => {
        await settings.write(changedKey(ownKey(settings, call), asked))
        return { status: 204 }
      }
    }),
    command({
      method: 'DELETE',
      path: '/api-keys/:key',
      summary: 'Ends a key, for good.',
      replies: { 204: nothing },
      answer: async call => {
        await settings.remove(ownKey(settings, call))
        return { status: 204 }
      }
    })
  ]
}
