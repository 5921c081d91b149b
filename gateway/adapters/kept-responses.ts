// `ResponseStorePort` on ClickHouse: sealed for the account before it leaves this process.

import type { ClickHouse } from '../../analytics/client.ts'
import { keepResponse, keptResponse } from '../../analytics/kept-responses.ts'
import type { HolderId, Instant } from '../../schemas/units.ts'
import type { ResponseStorePort } from '../consumption/ports.ts'
import { sealFor } from '../tickets/seal.ts'
import type { Secrets } from '../tickets/secrets.ts'

type Sealing = { readonly secrets: Secrets, readonly now: () => Instant }

export function responseStore (clickHouse: ClickHouse, { secrets, now }: Sealing): ResponseStorePort {
  const keep = async (holder: HolderId, responseId: string, sealed: string): Promise<void> => {
    await keepResponse(clickHouse, { holder, response_id: responseId, sealed, kept_at: now() })
  }
  const get = async (holder: HolderId, responseId: string): Promise<string | null> => {
    const sealed = await keptResponse(clickHouse, { holder, responseId })
    return sealed === null ? null : sealFor(secrets, holder).open(sealed)
  }
  return {
    put: async (holder, responseId, text) => { await keep(holder, responseId, sealFor(secrets, holder).seal(text)) },
    get,
    async remove (holder, responseId) {
      if (await get(holder, responseId) === null) return false
      await keep(holder, responseId, '')
      return true
    }
  }
}
