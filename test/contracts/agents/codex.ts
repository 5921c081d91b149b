// Codex, on Responses.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Program, Task } from './program.ts'
import type { Call, Heard } from './scripted-model.ts'

const config = ({ url, delivery, model }: Task): string => `
${model === null ? '' : `model = "${model}"`}
model_provider = "market"
check_for_update_on_startup = false

[features]
plugins = false

[analytics]
enabled = false

[model_providers.market]
name = "market"
base_url = "${url}/v1"
env_key = "MARKET_KEY"
wire_api = "responses"
http_headers = { "x-grid-delivery" = "${delivery}" }
`

const patch = (word: string): string => `*** Begin Patch\n*** Add File: copy.txt\n+${word}\n*** End Patch\n`

/** For its newest models all other tools are functions of a program, which is what the model writes. */
const programmed = (source: string): Call => ({ name: 'functions__exec', input: { input: `text(${source})` } })

function command ({ tools }: Heard, cmd: string): Call {
  const isProgrammed = tools.some(({ name }) => name === 'functions__exec')
  return isProgrammed
    ? programmed(`await tools.exec_command(${JSON.stringify({ cmd })})`)
    : { name: 'exec_command', input: { cmd } }
}

function write ({ tools }: Heard, word: string): Call {
  if (tools.some(({ name }) => name === 'functions__exec')) {
    return programmed(`await tools.apply_patch(${JSON.stringify(patch(word))})`)
  }
  return tools.some(({ name }) => name === 'apply_patch')
    ? { name: 'apply_patch', input: { input: patch(word) } }
    : { name: 'exec_command', input: { cmd: `echo ${word} > copy.txt` } }
}

type Event = { readonly type: string, readonly item?: { readonly type: string, readonly text?: string } }

export const codex: Program = {
  name: 'codex',
  package: '@openai/codex',
  version: '0.169.0',
  command: 'codex',
  // A name it doesn't know, an older model's with a tool of free form, and what it asks for by itself.
  models: ['text-prime', 'gpt-5.5', null],
  async launch (task) {
    const folder = join(task.home, '.codex')
    await mkdir(folder)
    await writeFile(join(folder, 'config.toml'), config(task))
    return {
      args: ['exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', task.prompt],
      env: { CODEX_HOME: folder, MARKET_KEY: task.key }
    }
  },
  call (step, heard, { word }) {
    switch (step) {
      case 0: return command(heard, 'cat word.txt')
      case 1: return write(heard, word)
      default: return command(heard, 'cat copy.txt')
    }
  },
  finalText (stdout) {
    const events = stdout.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Event)
    const said = events.filter(({ type, item }) => type === 'item.completed' && item?.type === 'agent_message')
    return said.at(-1)?.item?.text ?? ''
  },
  aside: null
}
