// Parts that a message or a tool's output is made of.

import { isList } from '../chunk.ts'
import type { Field } from '../field.ts'
import type { JsonObject, ReadContext } from '../surface.ts'
import { imageUrl, textPart, unseenPart } from '../translation.ts'

/** `isOfTool`: what can't be looked at is told in words, where it would be refused in what a user says. */
export type PartContext = ReadContext & { readonly isOfTool: boolean }

/** A list of parts, or the one text that stands for a list of one. */
export function readParts (content: Field, context: PartContext): JsonObject[] {
  if (typeof content.value === 'string') return [textPart(content.value)]
  if (!isList(content.value)) {
    content.fault('must be text or a list of parts')
    return []
  }
  return content.list().map(part => {
    switch (part.at('type').value) {
      case 'input_text':
      case 'output_text':
      case 'text': return textPart(part.at('text').text())
      case 'refusal': return textPart(part.at('refusal').text())
      // Codex: what one of its threads told another, as a call's argument. Those are never encrypted here.
      case 'encrypted_content': return textPart(part.at('encrypted_content').text())
      case 'input_image': return readImage(part, context)
      case 'input_file':
        if (context.isOfTool) return unseenPart(part, 'document', context)
        part.fault('is a file, and no file is read here: send its text')
        return textPart('')
      default:
        part.at('type').fault('is not known here')
        return textPart('')
    }
  })
}

function readImage (part: Field, context: PartContext): JsonObject {
  const { instrument: { terms }, isOfTool } = context
  if (isOfTool && (!terms.acceptsImages || !part.at('image_url').isThere)) return unseenPart(part, 'image', context)
  if (!part.at('image_url').isThere) {
    part.fault('is an image without image_url: send the image itself, or its URL')
    return textPart('')
  }
  const url = imageUrl(part.at('image_url'), context)
  const detail = part.at('detail').isThere ? part.at('detail').oneOf(['auto', 'low', 'high', 'original']) : null
  if (detail === null) return { type: 'image_url', image_url: { url } }
  return { type: 'image_url', image_url: { url, detail: detail === 'original' ? 'high' : detail } }
}

export const isText = (part: JsonObject): boolean => part['type'] === 'text'
export const textsOf = (parts: readonly JsonObject[]): string[] =>
  parts.map(part => part['text']).filter(text => typeof text === 'string')
