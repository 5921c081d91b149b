// Appends to a spool until it is killed, and says so of each entry once the spool has it.

import { writeSync } from 'node:fs'
import { openSpool } from '../../../gateway/spool/spool.ts'

const spool = openSpool(process.argv[2]!, { segmentBytes: 4096 })
for (let count = 0; ; count += 1) {
  const entry = spool.append(Buffer.from(`entry ${count}`))
  if (count % 3 === 0) spool.acknowledge(entry)
  else writeSync(1, `${count}\n`)
}
