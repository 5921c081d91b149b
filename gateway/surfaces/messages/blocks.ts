// Blocks that a user's turn or a tool's result is made of.

import { isList } from '../chunk.ts'
import type { Field } from '../field.ts'
import type { JsonObject, ReadContext } from '../surface.ts'
import { imageUrl, textPart, unseenPart } from '../translation.ts'

/** Claude Code puts it first among the system's texts, different with every request: see the README, rule 5. */
const isBillingHeader = (text: string): boolean => text.startsWith('x-anthropic-billing-header:')

/** Blocks of a list, or the one text that stands for a list of one. */
export function blocksOf (content: Field): readonly Field[] | string {
  if (typeof content.value === 'string') return content.value
  if (!isList(content.value)) {
    content.fault('must be text or a list of blocks')
    return []
  }
  const blocks = content.list()
  for (const block of blocks) {
    block.object()
    if (block.at('cache_control').isThere) content.findings.ignore('cache_control')
  }
  return blocks
}

/** Blocks of a system's turn that say which tools there are from then on. */
export const isToolChange = (block: Field): boolean =>
  block.at('type').value === 'tool_addition' || block.at('type').value === 'tool_removal'

/** Of `system`, and of messages whose role is system. */
export function systemText (content: Field, isAside = (_block: Field): boolean => false): string {
  const blocks = blocksOf(content)
  const texts = typeof blocks === 'string'
    ? [blocks]
    : blocks.filter(block => !isAside(block)).map(block => {
      block.at('type').oneOf(['text'])
      return block.at('text').text()
    })
  const own = texts.filter(text => !isBillingHeader(text))
  if (own.length < texts.length) content.findings.ignore('x-anthropic-billing-header')
  return own.join('\n\n')
}

/** `isOfTool`: what can't be looked at is told in words, where it would be refused in what a user says. */
export type BlockContext = ReadContext & { readonly isOfTool: boolean }

const mediaTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const

function readImage (block: Field, context: BlockContext): JsonObject {
  const source = block.at('source')
  source.object()
  const { instrument: { instrumentId, terms }, isOfTool } = context
  if (isOfTool && (!terms.acceptsImages || source.at('type').value === 'file')) return unseenPart(block, 'image', context)
  const image = (url: string): JsonObject => ({ type: 'image_url', image_url: { url } })
  switch (source.value === undefined ? '' : source.at('type').oneOf(['base64', 'url', 'file'])) {
    case 'url': return image(imageUrl(source.at('url'), context))
    case 'file':
      source.fault('is a file: send the image itself, or its URL')
      return image('')
    default: {
      const url = `data:${source.at('media_type').oneOf(mediaTypes)};base64,${source.at('data').word()}`
      if (!terms.acceptsImages) source.fault(`is an image: ${instrumentId} reads text only`)
      return image(url)
    }
  }
}

function readDocument (block: Field, context: BlockContext): JsonObject[] {
  const source = block.at('source')
  const about = ['title', 'context'].map(name => block.at(name)).filter(({ isThere }) => isThere).map(field => textPart(field.text()))
  switch (source.at('type').value) {
    case 'text': return [...about, textPart(source.at('data').text())]
    case 'content': return [...about, ...readParts(source.at('content'), context)]
    default:
      if (context.isOfTool) return [...about, unseenPart(block, 'document', context)]
      source.fault('is a document that has to be looked at, such as a PDF: send its text')
      return []
  }
}

const readSearchResult = (block: Field, context: BlockContext): JsonObject[] => [
  textPart(`${block.at('title').text()} (${block.at('source').text()})`), ...readParts(block.at('content'), context)
]

/** One block as parts of a chat message. Null: it is of a type that is not for here. */
export function readPart (block: Field, context: BlockContext): JsonObject[] | null {
  switch (block.at('type').value) {
    case 'text': return [textPart(block.at('text').text())]
    case 'image': return [readImage(block, context)]
    case 'document': return readDocument(block, context)
    case 'search_result': return readSearchResult(block, context)
    default: return null
  }
}

/** What a block of a type that nobody knows says would be lost. */
export function refuseBlock (block: Field): JsonObject[] {
  block.at('type').fault('is not known here')
  return []
}

/** A list of blocks, or a text, as parts of a chat message. */
function readParts (content: Field, context: BlockContext): JsonObject[] {
  const blocks = blocksOf(content)
  if (typeof blocks === 'string') return [textPart(blocks)]
  return blocks.flatMap(block => readPart(block, context) ?? refuseBlock(block))
}
