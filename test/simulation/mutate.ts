// Runs the simulation on a copy of the sources with one rule taken out, in a process of its own.

import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mutant } from './mutants.ts'

const root = join(import.meta.dirname, '../..')

/** What the simulation says of the mutant, and whether it found it. */
export type Finding = { readonly isFound: boolean, readonly output: string }

async function copySources (to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const folder of ['schemas', 'pipelines/runtime', 'test/simulation']) {
    await cp(join(root, folder), join(to, folder), { recursive: true })
  }
  await cp(join(root, 'package.json'), join(to, 'package.json'))
}

export type Search = { readonly seeds: number, readonly folder: string }

/** `folder` lies inside the repository, where packages are found; it is removed again. */
export async function findMutant (mutant: Mutant, { seeds, folder }: Search): Promise<Finding> {
  const copy = join(root, folder)
  try {
    await copySources(copy)
    const file = join(copy, mutant.file)
    const text = await readFile(file, 'utf8')
    if (text.split(mutant.find).length !== 2) {
      throw new Error(`${mutant.rule}: "${mutant.find}" has to stand exactly once in ${mutant.file}`)
    }
    await writeFile(file, text.replace(mutant.find, () => mutant.replace))
    const { harm } = mutant
    const ordinary = ['--seeds', String(seeds)]
    const counts = harm === undefined ? ordinary : ['--seeds', '0', '--harms', String(seeds), '--harm', harm]
    return await run(join(copy, 'test/simulation/main.ts'), [...counts, '--stop-at-first'])
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

function run (main: string, options: readonly string[]): Promise<Finding> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--max-old-space-size=512', main, ...options], (error, stdout, stderr) => {
      if (error === null) resolve({ isFound: false, output: stdout })
      else if (/, [1-9]\d* bad/.test(stdout)) resolve({ isFound: true, output: stdout })
      else reject(new Error(`the simulation did not come to a verdict: ${stdout}${stderr}`))
    })
  })
}
