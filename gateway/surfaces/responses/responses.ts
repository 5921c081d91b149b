// OpenAI's Responses as a surface.

import { isList, isObject } from '../chunk.ts'
import { openAiForm } from '../error-forms.ts'
import { modelOf } from '../field.ts'
import type { JsonObject, Surface } from '../surface.ts'
import { ResponseCollector } from './collected.ts'
import { ResponseEvents } from './events.ts'
import { readRequest } from './request.ts'
import { responseOfItem } from './response.ts'

/** What a body goes on from: by its name, or the response that the last of its references is an item of. */
function previousOf ({ previous_response_id: id, input }: JsonObject): string | null {
  if (typeof id === 'string') return id
  const named = isList(input) ? input.filter(isObject).filter(({ type }) => type === 'item_reference') : []
  const responses = named.map(({ id: itemId }) => typeof itemId === 'string' ? responseOfItem(itemId) : null)
  return responses.findLast(each => each !== null) ?? null
}

export const responsesSurface: Surface = {
  name: 'responses',
  modelOf,
  previousOf,
  read: readRequest,
  stream: (inference, served) => new ResponseEvents(inference, served),
  collect: (inference, served) => new ResponseCollector(inference, served),
  errorBody: openAiForm
}
