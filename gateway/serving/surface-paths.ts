// Which surface is where, without prefixes.

import { chatSurface } from '../surfaces/chat/chat.ts'
import { legacyChatSurface } from '../surfaces/chat/legacy.ts'
import { messagesSurface } from '../surfaces/messages/messages.ts'
import { responsesSurface } from '../surfaces/responses/responses.ts'
import type { Surface } from '../surfaces/surface.ts'

export const surfacePaths: Readonly<Record<string, Surface>> = {
  '/v1/chat/completions': chatSurface,
  '/v1/consumption/chat': legacyChatSurface,
  '/v1/messages': messagesSurface,
  '/v1/responses': responsesSurface
}
