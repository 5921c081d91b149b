// The lines of a spool's files. A checksum in each tells a line that was torn or damaged from one that is whole, and
// line ends let the reader find its way again behind one that is not.
//
//   record           CRC32 SEQUENCE BASE64 \n      (the checksum is of what follows the first blank)
//   acknowledgement  CRC32 SEQUENCE \n

import { crc32 } from 'node:zlib'

export type Line = {
  readonly sequence: number
  /** Null: an acknowledgement. */
  readonly bytes: Buffer | null
}

/** What could not be read of a file. */
export type Damage = {
  readonly file: string
  readonly offset: number
  readonly bytes: number
  /** The end of the file, as a crash leaves it; else a line in its midst. */
  readonly isTorn: boolean
}

export type Lines = {
  readonly lines: readonly Line[]
  /** Up to the end of the last whole line. */
  readonly bytes: number
  readonly damages: readonly Damage[]
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

const written = (text: string): Buffer => Buffer.from(`${checksum(text)} ${text}\n`, 'latin1')

export const recordLine = (sequence: number, bytes: Buffer): Buffer => written(`${sequence} ${bytes.toString('base64')}`)

export const acknowledgementLine = (sequence: number): Buffer => written(String(sequence))

const linePattern = /^([\da-f]{8}) ((\d{1,15})(?: ([A-Za-z\d+/]*={0,2}))?)$/

function readLine (text: string): Line | null {
  const [, sum, content = '', sequence, base64] = linePattern.exec(text) ?? []
  if (sum === undefined || sum !== checksum(content)) return null
  return { sequence: Number(sequence), bytes: base64 === undefined ? null : Buffer.from(base64, 'base64') }
}

/** Every line that is whole. */
export function readLines (file: string, content: Buffer): Lines {
  const lines: Line[] = []
  const damages: Damage[] = []
  let offset = 0
  while (offset < content.length) {
    const end = content.indexOf(0x0a, offset)
    if (end < 0) {
      damages.push({ file, offset, bytes: content.length - offset, isTorn: true })
      break
    }
    const line = readLine(content.toString('latin1', offset, end))
    if (line === null) damages.push({ file, offset, bytes: end + 1 - offset, isTorn: false })
    else lines.push(line)
    offset = end + 1
  }
  return { lines, bytes: offset, damages }
}
