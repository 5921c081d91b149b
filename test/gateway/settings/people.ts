// Settings and keys over HTTP, on a directory that the test can look into, behind a log that applies what it takes.

import type { Ports, User } from '../../../gateway/ports.ts'
import { clerk, signedBy, supplier, trader, trusting } from '../people.ts'
import { fakePorts, now, serve, type Answer } from '../support.ts'
import { KnownIdentities } from './known-identities.ts'

export type Ask = (
  user: User, method: string, path: string, body?: object, headers?: Record<string, string>
) => Promise<Answer>

export async function servedSettings (changes: Partial<Ports> = {}): Promise<{ ask: Ask, known: KnownIdentities }> {
  const known = new KnownIdentities({ now: () => now })
  const identities = trusting([trader, supplier, clerk])
  const served = await serve(fakePorts({ identities, settings: known.port, ...changes }))
  const ask: Ask = async (user, method, path, body, headers = signedBy(user)) => await served(`/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  return { ask, known }
}
