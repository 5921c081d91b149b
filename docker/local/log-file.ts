// A child writes its log straight to a file, not through the launcher: so a launcher that dies takes no lines with it.

import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

const bytesMax = 4_000_000

export type LogFile = {
  readonly path: string
  /** To give to a child as its standard output and error. The caller closes it once the child has its own copy. */
  open (): Promise<{ fd: number, close (): Promise<void> }>
  /** What has been written since `open` was last called, its end if that is long. */
  written (): Promise<string>
}

/** A log file that each `open` goes on writing; a long one is set aside first, and one such is kept. */
export function logFile (path: string): LogFile {
  let openedAt = 0
  return {
    path,
    open: async () => {
      await mkdir(dirname(path), { recursive: true })
      openedAt = await size(path)
      if (openedAt > bytesMax) {
        await rename(path, `${path}.1`)
        openedAt = 0
      }
      const file = await open(path, 'a')
      return { fd: file.fd, close: () => file.close() }
    },
    written: async () => {
      const end = await size(path)
      const start = Math.max(openedAt, end - 64 * 1024)
      if (end <= start) return ''
      const file = await open(path, 'r')
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start)
        return buffer.toString('utf8', 0, bytesRead)
      } finally {
        await file.close()
      }
    }
  }
}

/** The last lines of a log, for a person. */
export function quoted (log: string, count = 15): string {
  if (log.trim() === '') return 'It wrote nothing.'
  return ['Its last lines:', ...log.trimEnd().split('\n').slice(-count).map(line => `    ${line}`)].join('\n')
}

async function size (path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}
