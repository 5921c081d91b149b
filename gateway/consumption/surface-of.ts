// In whose words an error is told.

import { chatSurface } from '../surfaces/chat/chat.ts'
import { messagesSurface } from '../surfaces/messages/messages.ts'
import type { Surface } from '../surfaces/surface.ts'
import type { Place } from './paths.ts'

export function surfaceOf (place: Place): Surface {
  if (place.kind === 'inference') return place.surface
  return place.kind === 'count' ? messagesSurface : chatSurface
}
