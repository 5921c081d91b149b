// In whose words an error is told.

import { chatSurface } from '../surfaces/chat/chat.ts'
import { messagesSurface } from '../surfaces/messages/messages.ts'
import type { Surface } from '../surfaces/surface.ts'
import type { Place } from './paths.ts'

/** What is not served, but would be said in these words if it were. */
const ofMessages = /^(?:\/api|\/r)?(?:\/v1)+\/(?:messages|complete)(?:\/|$)/

export function surfaceOf (place: Place, path: string): Surface {
  if (place.kind === 'inference') return place.surface
  return ofMessages.test(path) ? messagesSurface : chatSurface
}
