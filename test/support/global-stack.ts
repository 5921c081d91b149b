// The stack that all tests of the project `stack` share, on a directory that goes with it.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startStack } from '../../docker/local/stack.ts'

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- Only an interface can be added to.
  export interface ProvidedContext {
    stackEnv: Record<string, string>
  }
}

export default async function startSharedStack (project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'market-test-'))
  const remove = async () => await rm(dataDir, { recursive: true, force: true })
  try {
    const stack = await startStack({ dataDir, progress: line => console.log(line) })
    project.provide('stackEnv', { ...stack.env })
    return async () => {
      await stack.stop()
      await remove()
    }
  } catch (error) {
    await remove()
    throw error
  }
}
