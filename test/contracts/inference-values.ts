// Values of requests for inference that are there, or mean something, by what the description says of them.

import { delivery } from '../../schemas/identity/records.ts'
import { pastRequests } from './past-requests.ts'
import type { Found } from './schemathesis-run.ts'

const said = [{ type: 'text', text: 'Say something.' }]
const weather = { name: 'weather', description: 'Of a town.' }
const parameters = { type: 'object', properties: { town: { type: 'string' } } }

/** Nobody answers at an address of his own here. */
export const foundDeliveries: Found = [[/^Answered at once/, delivery.filter(mode => mode !== 'supplier')]]

/** A description that says no more than which models there are: the rest of a body is what it may be, or is not. */
export const foundModels: Found = [...foundDeliveries, [/^An instrument by its symbol/, ['text-prime', 'Text-Prime']]]

/** `responses`: that are kept. Some will be deleted, others are gone on from. */
export const foundAll = (responses: readonly string[]): Found => [
  ...foundModels,
  [/^The symbol of an instrument/, ['text-prime', 'TEXT-MAX', 'vision-standard']],
  [/^The id of a response/, responses],
  [/^A response that was kept/, [null, ...responses.slice(0, responses.length / 2)]],
  [/^The x-grid-request-id/, pastRequests.map(({ requestId }) => requestId)],
  [/^What (is said|it said|goes before the conversation)/, ['Say something.', said]],
  [/^What it called/, [null, [{ id: 'call_1', type: 'function', function: { ...weather, arguments: '{}' } }]]],
  [/^Text, or items/, ['Say something.', [{ role: 'user', content: 'Say something.' }]]],
  [/^Functions that the model may call/, [null, [], [
    { type: 'function', function: { ...weather, parameters } }
  ], [{ ...weather, input_schema: parameters }], [{ type: 'function', ...weather, parameters }]]],
  [/^Needs logprobs/, [null]],
  [/^Whether it may, must/, [null, 'auto', 'none']],
  [/^auto, any, tool or none/, [null, { type: 'auto' }, { type: 'none' }]],
  [/^text, json_object or json_schema/, [null, { type: 'text' }, { type: 'json_object' }]],
  [/^adaptive, enabled/, [null, { type: 'adaptive' }, { type: 'enabled', budget_tokens: 2048 }, { type: 'disabled' }]],
  [/^effort, and the format/, [null, {}, { effort: 'low' }]],
  [/^The format of the answer/, [null, {}, { verbosity: 'low' }, { format: { type: 'json_object' } }]],
  [/^effort\.$/, [null, {}, { effort: 'high' }]],
  [/^One of none, minimal/, [null, 'none', 'low', 'max']]
]
