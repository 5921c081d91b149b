// CRC-32C (Castagnoli; RFC 3720, appendix B.4), eight bytes a step ("slicing by 8", Kounavis and Berry, 2008): every
// batch of records carries one. Node has the other CRC-32 only.

const polynomial = 0x82f63b78
const slices = 8

/** tables[n][byte]: what `byte` comes to after n more bytes of zero. */
const tables = tablesOf()

function tablesOf (): readonly Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : polynomial)
    return crc
  })
  const all = [first]
  while (all.length < slices) {
    const before = all.at(-1)!
    all.push(before.map(crc => (crc >>> 8) ^ first[crc & 0xff]!))
  }
  return all
}

const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array
]

/** Of `bytes` from `from` up to `to`, without a sign. */
export function crc32c (bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = -1
  let at = from
  for (; at + slices <= to; at += slices) {
    const low = crc ^ (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24)
    crc = t7[low & 0xff]! ^ t6[(low >>> 8) & 0xff]! ^ t5[(low >>> 16) & 0xff]! ^ t4[low >>> 24]! ^
      t3[bytes[at + 4]!]! ^ t2[bytes[at + 5]!]! ^ t1[bytes[at + 6]!]! ^ t0[bytes[at + 7]!]!
  }
  for (; at < to; at++) crc = t0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}
