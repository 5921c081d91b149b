// The lines of a text file, plain or gzipped, some at a time: a promise a line would cost more than the line.

import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip, type Gunzip } from 'node:zlib'

/** No line of ours is nearly as long: what is longer is no text, and must not fill the memory. */
const lineLengthMax = 10_000

/** The end of the last line may be missing; lines may end as on Windows. */
export async function * linesOf (path: string): AsyncGenerator<string[]> {
  const content: AsyncIterable<Buffer> = await isGzip(path) ? unpacked(path) : createReadStream(path)
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  for await (const chunk of content) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop()!
    if (rest.length > lineLengthMax) throw new Error(`a line is longer than ${lineLengthMax} characters`)
    if (lines.length > 0) yield lines.map(withoutReturn)
  }
  if (rest !== '') yield [withoutReturn(rest)]
}

/** Whatever ends either of the two streams early ends the reading of the second. */
function unpacked (path: string): Gunzip {
  const gunzip = createGunzip()
  pipeline(createReadStream(path), gunzip, () => {})
  return gunzip
}

const withoutReturn = (line: string): string => line.endsWith('\r') ? line.slice(0, -1) : line

async function isGzip (path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b
  } finally {
    await file.close()
  }
}
