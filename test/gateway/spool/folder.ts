// A folder for the length of one test.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Spool } from '../../../gateway/spool/spool.ts'

export function newFolder (): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-'))
  onTestFinished(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

export const textsOf = (spool: Spool): string[] => spool.pending().map(({ bytes }) => bytes.toString())
