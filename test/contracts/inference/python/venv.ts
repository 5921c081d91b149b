// Python's clients, at the versions that were looked at, in an environment of their own.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const versions = { openai: '3.54.0', anthropic: '2.12.0', httpx: '0.28.1', requests: '2.34.2' } as const

const run = promisify(execFile)

/** Resolves with the path of its interpreter. */
export async function pythonIn (folder: string): Promise<string> {
  const home = join(folder, 'venv')
  await run(process.env['PYTHON'] ?? 'python3', ['-m', 'venv', home])
  const python = join(home, 'bin', 'python')
  const wanted = Object.entries(versions).map(([name, version]) => `${name}==${version}`)
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...wanted], { maxBuffer: 2 ** 26 })
  return python
}
