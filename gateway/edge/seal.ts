// Text that clients bring back: at an edge, under a key of the supplier's own. An edge does not know whose request it
// answers, so what is sealed here opens at this supplier's only, and for whoever brings it.

import { hkdfSync } from 'node:crypto'
import type { HolderId } from '../../schemas/units.ts'
import type { Seal } from '../surfaces/surface.ts'
import { sealFor } from '../tickets/seal.ts'
import { secretOf } from '../tickets/secrets.ts'

/** `seed`: of the supplier, so that what one run has sealed the next one opens. */
export function edgeSeal (seed: Buffer, supplier: HolderId): Seal {
  const secret = secretOf('edge', Buffer.from(hkdfSync('sha256', seed, '', 'edge seals', 32)))
  return sealFor([secret], supplier)
}
