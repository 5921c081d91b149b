// Passwords of the local parts: drawn once for each directory, in a file that only its owner may read, never logged.

import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The directory's password for each name, the same at every start. */
export async function passwords<N extends string> (dir: string, names: readonly N[]): Promise<Record<N, string>> {
  const file = join(dir, 'secrets.json')
  const known = await read(file)
  const missing = names.filter(name => known[name] === undefined)
  for (const name of missing) known[name] = randomBytes(24).toString('base64url')
  if (missing.length > 0) await writePrivate(file, JSON.stringify(known, null, 2))
  return Object.fromEntries(names.map(name => [name, known[name]])) as Record<N, string>
}

/** Writes a file that only its owner may read. Replaced by a rename, so that nobody meets half of it. */
export async function writePrivate (file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const written = `${file}.${process.pid}`
  await writeFile(written, text, { mode: 0o600 })
  await rename(written, file)
}

async function read (file: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}
