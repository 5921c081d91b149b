// The tokenizer's own types name a global type that only browsers' libraries declare.

import type { TextDecoder as Decoder } from 'node:util'

declare global {
  type TextDecoder = Decoder
}
