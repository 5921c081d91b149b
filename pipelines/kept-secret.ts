// Secrets that a market on one machine makes for itself, and has again at its next start.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What is in `file`, which only its owner reads; what `make` makes where there is none. */
export async function keptSecret (file: string, make: () => string): Promise<string> {
  const made = make()
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(file, `${made}\n`, { mode: 0o600, flag: 'wx' })
    return made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return (await readFile(file, 'utf8')).trim()
}
