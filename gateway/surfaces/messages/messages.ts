// Anthropic's Messages as a surface.

import { anthropicForm } from '../error-forms.ts'
import { modelOf } from '../field.ts'
import type { Surface } from '../surface.ts'
import { MessageEvents } from './events.ts'
import { MessageCollector } from './message.ts'
import { readRequest } from './request.ts'

export const messagesSurface: Surface = {
  name: 'messages',
  modelOf,
  previousOf: () => null,
  read: readRequest,
  stream: (inference, served) => new MessageEvents(inference, served),
  collect: (inference, served) => new MessageCollector(inference, served),
  errorBody: anthropicForm
}
