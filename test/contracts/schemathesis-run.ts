// A run of Schemathesis over a description, and descriptions that name values that are there.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** By what describes them: values that are there, for what a schema can only call a string. */
export type Found = ReadonlyArray<readonly [RegExp, readonly unknown[]]>

/** The description with them: made up, none would ever be found. */
export function narrowed (description: unknown, found: Found): unknown {
  return JSON.parse(JSON.stringify(description), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('description' in value)) return value
    const { description, ...rest } = value
    const values = found.find(([pattern]) => typeof description === 'string' && pattern.test(description))?.[1]
    const isSchema = 'type' in rest || 'anyOf' in rest
    return values === undefined || !isSchema ? value : { description, enum: values }
  })
}

export type Run = {
  readonly description: unknown
  readonly url: string
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>
  readonly options?: readonly string[]
}

const config = ['--config-file', fileURLToPath(new URL('schemathesis.toml', import.meta.url))]
const common = ['--seed', '20260105', '--max-examples', '40', '--workers', '1', '--no-color']

/** Its exit code. SCHEMATHESIS names the command; what the caller's own command line says comes last, and counts. */
export async function schemathesis ({ description, url, headers, options = [] }: Run): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'schemathesis-'))
  try {
    const file = join(folder, 'openapi.json')
    await writeFile(file, JSON.stringify(description))
    const sent = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`])
    const asked = process.argv.slice(2).filter(argument => argument !== '--')
    const command = process.env['SCHEMATHESIS'] ?? 'schemathesis'
    const all = [...config, 'run', file, '--url', url, ...sent, ...common, ...options, ...asked]
    const child = spawn(command, all, { stdio: 'inherit', cwd: folder })
    const [code] = await once(child, 'exit') as [number | null]
    return code ?? 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
