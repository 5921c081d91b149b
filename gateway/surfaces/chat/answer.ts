// What the stream and the whole answer both say of usage and of how a choice ended.

import { isObject, type ChatChunk } from '../chunk.ts'
import type { End, Json, JsonObject, Served, Usage } from '../surface.ts'

/** Further details of the upstream's that a client may want; the rest of what it says of usage is between it and us. */
const promptDetails = ['audio_tokens']
const completionDetails = ['accepted_prediction_tokens', 'audio_tokens', 'rejected_prediction_tokens']

function detailsOf (said: Json | undefined, names: readonly string[]): JsonObject {
  if (!isObject(said)) return {}
  return Object.fromEntries(names.filter(name => Number.isSafeInteger(said[name])).map(name => [name, said[name]]))
}

/** Usage as it is billed, with the details that the upstream gave beside it. */
export function usageJson ({ input, cached, output, reasoning }: Usage, said: JsonObject): JsonObject {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { ...detailsOf(said['prompt_tokens_details'], promptDetails), cached_tokens: cached },
    completion_tokens_details: {
      ...detailsOf(said['completion_tokens_details'], completionDetails), reasoning_tokens: reasoning
    }
  }
}

/** Of a choice that the upstream did not end. */
export function finishOf ({ isCut }: End, hasCalls: boolean): string {
  if (isCut) return 'length'
  return hasCalls ? 'tool_calls' : 'stop'
}

/** What all chunks of an answer have in common, and the answer with them. */
export class Heading {
  #id = ''
  #created = 0
  #model = ''
  /** As the upstream said it last. */
  usage: JsonObject = {}
  readonly #rest: Record<string, Json> = {}

  take ({ id, created, model, usage, system_fingerprint: fingerprint, service_tier: tier }: ChatChunk): void {
    this.#id ||= id
    this.#created ||= created
    this.#model ||= model
    if (isObject(usage)) this.usage = usage
    if (typeof fingerprint === 'string') this.#rest['system_fingerprint'] = fingerprint
    if (typeof tier === 'string') this.#rest['service_tier'] = tier
  }

  /** `model`: as the client called it, where no upstream said anything. */
  json (object: string, model: string, { requestId, created }: Served): JsonObject {
    return {
      id: this.#id || `chatcmpl-${requestId}`,
      object,
      created: this.#created || created,
      model: this.#model || model,
      ...this.#rest
    }
  }
}
