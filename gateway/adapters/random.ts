// Random bytes, drawn from the system many at a time: a request needs five times a few of them, and a draw costs more
// than most of what is done with them.

import { randomFillSync } from 'node:crypto'

const poolBytes = 8192

/** No byte is given out twice. */
export function pooledRandom (): (length: number) => Buffer {
  let pool = Buffer.alloc(0)
  let at = 0
  return length => {
    if (at + length > pool.length) {
      pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(poolBytes, length)))
      at = 0
    }
    at += length
    return pool.subarray(at - length, at)
  }
}
