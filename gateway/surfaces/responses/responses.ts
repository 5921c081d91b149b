// OpenAI's Responses as a surface.

import { isList, isObject } from '../chunk.ts'
import { openAiForm } from '../error-forms.ts'
import type { Fault } from '../fault.ts'
import { modelOf } from '../field.ts'
import type { JsonObject, RequestHeaders, Surface } from '../surface.ts'
import { ResponseCollector } from './collected.ts'
import { failedEvents, ResponseEvents } from './events.ts'
import { readRequest } from './request.ts'
import { errorJson, responseOfItem } from './response.ts'

/** What a body goes on from: by its name, or the response that the last of its references is an item of. */
function previousOf ({ previous_response_id: id, input }: JsonObject): string | null {
  if (typeof id === 'string') return id
  const named = isList(input) ? input.filter(isObject).filter(({ type }) => type === 'item_reference') : []
  const responses = named.map(({ id: itemId }) => typeof itemId === 'string' ? responseOfItem(itemId) : null)
  return responses.findLast(each => each !== null) ?? null
}

/** In the body, too, a supplier that has too much to do is told by the word that Codex knows. */
function errorBody (fault: Fault, requestId: string): JsonObject {
  const form = openAiForm(fault, requestId)
  if (fault.code !== 'overloaded' || !isObject(form['error'])) return form
  return { ...form, error: { ...form['error'], code: errorJson(fault)['code'] } }
}

const isCodex = ({ originator, 'user-agent': agent }: RequestHeaders): boolean =>
  [originator, agent].some(each => typeof each === 'string' && /^codex/i.test(each))

/**
 * Codex, which streams always, shortens a conversation only where the events of a response say that it is too long: on
 * a status it tries again.
 */
function errorStream (fault: Fault, requestId: string, headers: RequestHeaders): string | null {
  return fault.code === 'context_length_exceeded' && isCodex(headers) ? failedEvents(fault, requestId) : null
}

export const responsesSurface: Surface = {
  name: 'responses',
  modelOf,
  previousOf,
  read: readRequest,
  stream: (inference, served) => new ResponseEvents(inference, served),
  collect: (inference, served) => new ResponseCollector(inference, served),
  errorBody,
  errorStream
}
